import { describe, expect, it } from "vitest";
import { FATE_COUNT, Fate, type FateCode } from "../../src/base/fate.ts";
import { seconds } from "../../src/engine/time.ts";
import { stackFates } from "../../src/stack/fates.ts";
import { IcmpSocket } from "../../src/stack/socket/icmp.ts";
import { stackSteps } from "../../src/stack/steps.ts";
import { Inbox, ip, Pair } from "../kit/stack.ts";
import { runFor } from "../kit/world.ts";

describe("what the stack tells", () => {
  it("has a story for each of its fates, named as the code is", () => {
    const codes = Object.entries(Fate).filter(([, code]) => code >= 60 && code < FATE_COUNT);
    expect(stackFates.map((each) => [each.code, each.name]).sort()).toEqual(
      codes.map(([name, code]): [FateCode, string] => [code, name.toLowerCase().replaceAll("_", "-")]).sort(),
    );
  });

  it("has a sentence for each step, with codes of its own between 200 and 259", () => {
    const codes = stackSteps.map((each) => each.code);
    expect(new Set(codes).size).toBe(codes.length);
    expect(codes.every((code) => code >= 200 && code < 260)).toBe(true);
  });

  it("tells the way of a ping", () => {
    const { world, a } = new Pair();
    world.recorder.start();
    const socket = new IcmpSocket(a.ns, new Inbox());
    socket.bind(ip("0.0.0.0"), 5);
    socket.send({ destination: ip("192.168.1.102"), sequence: 1, data: new Uint8Array(8) });
    runFor(world, seconds(1));
    const told: string[] = [];
    for (let i = world.recorder.first; i < world.recorder.made; i++) {
      const { code, a: first, b: second, point } = world.recorder.read(i);
      const story = stackSteps.find((each) => each.code === code);
      if (story !== undefined)
        told.push(
          `${world.points[point]!.name} ${story.say(first, second, String, (index) => a.table.byIndex(index)!.name)}`,
        );
    }
    expect(told).toEqual([
      "a:ip the routing table sends it through eth0 to the next hop 192.168.1.102",
      "a:ip the MAC of 192.168.1.102 is not known: ARP asks, 1 packet waits",
      "b:ip 192.168.1.102 is ours: 192.168.1.101 gets an answer",
      "a:ip handed to eth0 for 00:16:3e:00:00:02",
      "b:ip the destination is an address of this host: ICMP takes it (came in by eth0)",
      "b:ip an echo request: the kernel answers 192.168.1.101",
      "b:ip the routing table sends it through eth0 to the next hop 192.168.1.101",
      "b:ip handed to eth0 for 00:16:3e:00:00:01",
      "a:ip the destination is an address of this host: ICMP takes it (came in by eth0)",
      "a:ip a socket takes it: port or id 5",
    ]);
  });
});
