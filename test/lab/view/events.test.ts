/** What the events of bridge-xl tell of a boot, of an administrator's work and of what is typed. */
import { describe, expect, test } from "vitest";
import { copyLab, type EventKind, type EventSnapshot, type Lab, openLab } from "../../../src/lab/index.ts";
import { labUp, pass, planOfFile, type } from "../../kit/lab.ts";

const up = (): Lab => labUp(planOfFile("bridge-xl.yaml"), { events: true });

const show = ({ machine, device, text, count }: EventSnapshot): string =>
  `${machine}${device === null ? "" : ` ${device}`}: ${text}${count > 1 ? ` x${count}` : ""}`;

/** The events that `what` has made, of some kinds. */
function eventsOf(lab: Lab, kinds: readonly EventKind[], what: () => void): string[] {
  const before = lab.events!.last;
  what();
  return lab
    .events!.since(before)
    .filter(({ kind }) => kinds.includes(kind))
    .map(show);
}

describe("a boot", () => {
  const lab = up();
  const of = (kind: EventKind): EventSnapshot[] => lab.events!.since(0).filter((event) => event.kind === kind);

  test("what a kernel says is its dmesg, with the same times", () => {
    for (const machine of ["xen1", "web1", "outside"]) {
      const lines = of("kernel").filter((event) => event.machine === machine);
      const { bootedAt, table } = lab.machine(machine);
      expect(lines.map(({ time, text }) => ({ time, text }))).toEqual(table.log.lines);
      expect(lines.every(({ time }) => time >= bootedAt)).toBe(true);
      expect(lines.length).toBeGreaterThan(0);
    }
  });

  test("the handshake of a vif stands in the order in which xenstore saw it", () => {
    const vif = lab.events!.since(0).filter((event) => event.device === "vif1.0");
    expect(vif.map(({ kind, text }) => `${kind}: ${text}`)).toEqual([
      "xenbus: frontend Initialising",
      "xenbus: backend Initialising",
      "xenbus: backend InitWait",
      "hotplug: hotplug-status connected",
      "xenbus: frontend Connected",
      "xenbus: backend Connected",
    ]);
  });

  test("guests are created and have booted", () => {
    expect(of("guest").map(show)).toEqual([
      "web1: domain 1 created",
      "web2: domain 2 created",
      "web1: domain 1 has booted",
      "web2: domain 2 has booted",
    ]);
  });

  test("times never go back, numbers have no gap", () => {
    const all = lab.events!.since(0);
    expect(all.map(({ number }) => number)).toEqual(all.map((_, i) => i + 1));
    expect(all.every(({ time }, i) => i === 0 || time >= all[i - 1]!.time)).toBe(true);
  });
});

describe("what is done to a lab", () => {
  test("xl destroy: each state once, also where the toolstack and the driver both write it", () => {
    const lab = up();
    expect(eventsOf(lab, ["xenbus", "guest"], () => type(lab, "xen1", "xl destroy web2"))).toEqual([
      "xen1 vif2.0: backend Closing",
      "xen1 vif2.0: backend Closed",
      "web2: domain 2 is gone",
    ]);
    expect(eventsOf(lab, ["hotplug", "guest"], () => type(lab, "xen1", "xl create /etc/xen/web2.cfg"))).toEqual([
      "web2: domain 3 created",
      "xen1 vif3.0: hotplug-status connected",
    ]);
  });

  test("a device that comes back under its old number goes through its states anew", () => {
    const lab = up();
    const attach = (): void => {
      type(lab, "xen1", "xl network-attach web1 bridge=xenbr0");
      pass(lab, 0.1);
    };
    const first = eventsOf(lab, ["xenbus", "hotplug"], attach);
    type(lab, "xen1", "xl network-detach web1 1");
    expect(eventsOf(lab, ["xenbus", "hotplug"], attach)).toEqual(first);
    expect(first).toHaveLength(6);
  });

  test("a script that fails leaves its word", () => {
    const lab = up();
    const lines = eventsOf(lab, ["hotplug"], () => type(lab, "xen1", "xl network-attach web1 bridge=nobr"));
    expect(lines).toEqual(["xen1 vif1.1: hotplug-status error"]);
  });

  test("a cable, by whoever pulls it, once", () => {
    const lab = up();
    const pull = (): void => {
      lab.plug("xen1", "eth0", false);
      lab.plug("xen1", "eth0", false);
      lab.plug("xen1", "vif1.0", false);
    };
    expect(eventsOf(lab, ["cable", "input", "kernel"], pull)).toEqual([
      "xen1 eth0: cable pulled",
      "xen1: e1000: eth0 NIC Link is Down",
      "xen1: xenbr0: port 1(eth0) entered disabled state",
    ]);
    expect(eventsOf(lab, ["cable"], () => lab.setPlugged("xen1", "eth0", true))).toEqual([
      "xen1 eth0: cable plugged in",
    ]);
  });

  test("what is typed and sent from outside", () => {
    const lab = up();
    const lines = eventsOf(lab, ["input"], () => {
      const prompt = lab.openPrompt("web1");
      pass(lab, 0.1);
      lab.type(prompt.process, "hostname\n");
      lab.type(prompt.process, "a\tb\x1b[2J\nc\n");
      const ping = lab.exec("web1", "ping 192.168.1.1");
      lab.signal(ping, "INT");
      lab.type(prompt.process, null);
    });
    const [shell, ping] = lab.journal.entries
      .map(({ input }) => input)
      .flatMap((input) =>
        input.kind === "signal" || (input.kind === "type" && input.text === null) ? [input.process] : [],
      )
      .toReversed();
    expect(lines).toEqual([
      "web1: opened a shell",
      "web1: typed: hostname",
      "web1: typed: a·b·[2J·c",
      "web1: typed: ping 192.168.1.1",
      `web1: SIGINT to process ${ping}`,
      `web1: ^D to process ${shell}`,
    ]);
  });

  test("drops of a ping that nobody answers", () => {
    const lab = up();
    const lines = eventsOf(lab, ["drop"], () => {
      type(lab, "web1", "ping -c 3 -i 0.2 -W 1 192.168.1.77");
      pass(lab, 3);
    });
    expect(lines).toEqual([
      expect.stringMatching(
        /^web1 ip: neighbour-failed: IP 192\.168\.1\.101 > 192\.168\.1\.77: ICMP echo request, .* x3$/,
      ),
    ]);
    expect(lab.events!.latest(1)[0]!.frame).toBeGreaterThan(0);
    expect(lab.snapshot().frames.dropped).toBe(3);
  });
});

describe("the option", () => {
  test("off, there is no log and nobody listens for it", () => {
    const lab = labUp(planOfFile("bridge-xl.yaml"));
    expect(lab.events).toBeNull();
    expect(lab.machine("xen1").table.log.watchers.listeners).toBeNull();
    expect(lab.machine("xen1").parts.xen!.store.listeners).toEqual([]);
  });

  test("does not change the run", () => {
    const [on, off] = [true, false].map((events) => openLab(planOfFile("bridge-busy.yaml"), { events }));
    for (const lab of [on!, off!]) pass(lab, 15);
    expect(on!.snapshot()).toEqual(off!.snapshot());
    expect(on!.events!.since(0).some(({ kind }) => kind === "drop")).toBe(true);
  });

  test("a copied lab goes on writing into its own log", () => {
    const lab = openLab(planOfFile("bridge-xl.yaml"), { events: true, scenario: false });
    pass(lab, 0.3);
    const twin = copyLab(lab);
    expect(twin.events!.since(0)).toEqual(lab.events!.since(0));
    const before = lab.events!.last;
    twin.comeUp();
    expect(lab.events!.last).toBe(before);
    lab.comeUp();
    expect(lab.events!.last).toBeGreaterThan(before);
    expect(twin.events!.since(0)).toEqual(lab.events!.since(0));
  });
});
