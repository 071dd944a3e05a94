/** Topology, seed and journal are the whole run: a session typed by hand comes out again, byte for byte. */
import { describe, expect, test } from "vitest";
import { Random } from "../../src/engine/random.ts";
import type { Nanos } from "../../src/engine/time.ts";
import { type Lab, openLab, replay } from "../../src/lab/index.ts";
import { pass, planOfFile } from "../kit/lab.ts";

const options = { capture: { format: "pcapng", merged: true }, scenario: false } as const;
const MACHINES = ["xen1", "web1", "web2", "outside"];
const LINES = [
  "ping -c 2 192.168.1.1",
  "ping 192.168.1.102",
  "ip neigh flush all",
  "tcpdump -n -i eth0 -c 3 &",
  "arping -c 1 -I eth0 192.168.1.10",
  "cat",
];
const POINTS = ["xen1:vif1.0", "xen1:xenbr0", "web2:eth0", "xen1:vif7.0"];
const FILTERS = [null, "icmp", "arp or udp", "not a filter"];
const INPUTS = 60;

/** Somebody at the keyboard: commands, half lines, ^C, cables pulled, captures switched, at moments that fit no event. */
function session(seed: number): Lab {
  const lab = openLab(planOfFile("bridge-xl.yaml"), options);
  const random = new Random(seed, "session");
  const pick = <Each>(from: readonly Each[]): Each => from[random.below(from.length)]!;
  lab.comeUp();
  const prompt = lab.openPrompt("web2");
  const started = [];
  for (let i = 0; i < INPUTS; i++) {
    lab.runUntil((lab.now + random.below(400_000_000)) as Nanos);
    const living = started.filter((process) => !process.hasEnded);
    const what = random.below(6);
    if (what === 0 && living.length > 0) lab.signal(pick(living), "INT");
    else if (what === 1 && living.length > 0) lab.type(pick(living), "some text\n");
    else if (what === 2) lab.plug("xen1", "eth0", random.chance(0.5));
    else if (what === 3 && prompt.idle) lab.type(prompt.process, "hostname; ping -c 1 192.168.1.101\n");
    else if (what === 4) switchCapture(lab, pick(POINTS), random.chance(0.6), pick(FILTERS));
    else started.push(lab.exec(pick(MACHINES), pick(LINES)));
  }
  return lab;
}

function switchCapture(lab: Lab, point: string, on: boolean, filter: string | null): void {
  const [machine = "", device = ""] = point.split(":");
  lab.capturePoint(machine, device, { on, filter });
}

const written = (lab: Lab): Record<string, string> =>
  Object.fromEntries(lab.captures!.list.map((file) => [file.path, Buffer.from(file.take()).toString("base64")]));

describe("a journal", () => {
  test.each([1, 2, 3])("of session %i, replayed on the same topology and seed, gives the same bytes", (seed) => {
    const lived = session(seed);
    const again = replay(lived.plan, lived.journal.entries, options);
    expect(again.now).toBe(lived.now);
    for (const lab of [lived, again]) pass(lab, 5);
    const [first, second] = [written(lived), written(again)];
    expect(Object.values(first).join("").length).toBeGreaterThan(10_000);
    expect(second).toEqual(first);
    expect(again.journal.entries).toEqual(lived.journal.entries);
    expect(again.fates).toEqual(lived.fates);
    expect(again.captures!.points).toEqual(lived.captures!.points);
    const changes = lived.captures!.points.filter(({ filter, state }) => filter !== null || state === "stopped");
    expect(changes, "some points are not as the topology has them").not.toEqual([]);
  });
});
