import { describe, expect, it } from "vitest";
import { Fate } from "../../src/base/fate.ts";
import { type BridgeHook, BridgePriority } from "../../src/device/bridge-hooks.ts";
import type { BridgePort } from "../../src/device/bridge-port.ts";
import { bridgeSteps } from "../../src/device/bridge-steps.ts";
import { type Mac, ZERO_MAC } from "../../src/packet/address.ts";
import type { Frame } from "../../src/packet/frame.ts";
import { DeviceSubject, deviceContract } from "../contract/device.ts";
import { BridgeBench } from "../kit/bridge-bench.ts";
import { ALICE, BOB, CAROL, expectBalanced, frameOf, mac, type StubDevice, TapLog } from "../kit/world.ts";

const P1 = mac("00:00:00:00:00:11");
const P2 = mac("00:00:00:00:00:12");
const P3 = mac("00:00:00:00:00:13");
const MULTICAST = mac("01:00:5e:00:00:05");

class BridgeSubject extends DeviceSubject {
  readonly bench = new BridgeBench();
  readonly world = this.bench.world;
  readonly device = this.bench.bridge;
  // br_pass_frame_up counts without the Ethernet header.
  override readonly rxBytes = 46;
  private readonly port: StubDevice;

  constructor() {
    super();
    this.port = this.bench.device(BOB);
    this.bench.add(this.port);
    this.device.setUp(false);
  }
  start(): void {
    this.device.setUp(true);
  }
  arrive(frame: Frame): void {
    this.port.arrive(frame);
  }
  /** The bridge took the port's address; so what is sent to BOB leaves by the port that owns it. */
  get sentIds(): number[] {
    return this.port.out.map((each) => each.id);
  }
  get receivedIds(): number[] {
    return this.bench.host.ids;
  }
  loseCarrier(): boolean {
    this.bench.bridge.removePort(this.port);
    return true;
  }
}

deviceContract("bridge", () => new BridgeSubject());

const three = () => new BridgeBench([P1, P2, P3]);

describe("forwarding", () => {
  it("floods unknown unicast to the other ports, last added first, and not to the host", () => {
    const bench = three();
    expect(bench.send(0, BOB, ALICE)).toEqual(["p3", "p2"]);
    expect(bench.send(1, CAROL, BOB)).toEqual(["p3", "p1"]);
    expect(bench.host.got).toEqual([]);
    expectBalanced(bench.world);
  });

  it("learns sources and then sends to one port only", () => {
    const bench = three();
    bench.send(0, BOB, ALICE);
    expect(bench.send(1, ALICE, BOB)).toEqual(["p1"]);
    expect(bench.send(0, BOB, ALICE)).toEqual(["p2"]);
    expect(bench.fdb.slice(0, 2)).toEqual(["00163e00000b p2", "00163e00000a p1"]);
  });

  it("follows a MAC that shows up on another port", () => {
    const bench = three();
    bench.send(0, BOB, ALICE);
    bench.send(2, BOB, ALICE);
    expect(bench.send(1, ALICE, BOB)).toEqual(["p3"]);
  });

  it("floods broadcast and gives the host the original last", () => {
    const bench = three();
    const taps = new TapLog(bench.world).listenEverywhere();
    expect(bench.broadcast(0, ALICE)).toEqual(["p3", "p2"]);
    expect(taps.lines.map((line) => line.split(" ").slice(1, 3).join(" "))).toEqual([
      ...["xen1:p1 rx", "xen1:p3 tx", "xen1:p2 tx", "xen1:xenbr0 rx"],
    ]);
    expect(bench.world.frames.cloned).toBe(2);
    expect(bench.bridge.counters).toMatchObject({ rxPackets: 1, rxBytes: 46, rxMulticast: 0 });
  });

  it("counts multicast, which broadcast is not, on the bridge device", () => {
    const bench = three();
    bench.send(0, MULTICAST, ALICE);
    bench.broadcast(0, ALICE);
    expect(bench.bridge.counters).toMatchObject({ rxPackets: 2, rxMulticast: 1 });
  });

  it("takes what is for the address of the bridge or of any port up to the host, and not further", () => {
    const bench = three();
    for (const own of [P1, P2, P3]) expect(bench.send(1, own, ALICE)).toEqual([]);
    expect(bench.host.got).toHaveLength(3);
  });

  it("counts what the host sends with its header, and floods it in the same order", () => {
    const bench = three();
    expect(bench.fromHost(ALICE)).toEqual(["p3", "p2", "p1"]);
    bench.send(1, P1, ALICE);
    expect(bench.fromHost(ALICE)).toEqual(["p2"]);
    expect(bench.bridge.counters).toMatchObject({ txPackets: 2, txBytes: 120 });
    expect(bench.world.frames.cloned).toBe(2);
    expectBalanced(bench.world);
  });

  it("does not send back where it came from, unless the port is a hairpin", () => {
    const bench = three();
    bench.send(0, BOB, ALICE);
    expect(bench.send(0, ALICE, CAROL)).toEqual([]);
    expect(bench.world.frames.count(Fate.BRIDGE_SAME_PORT)).toBe(1);
    bench.bridge.ports[0]!.hairpin = true;
    expect(bench.send(0, ALICE, CAROL)).toEqual(["p1"]);
    expect(bench.broadcast(0, CAROL)).toEqual(["p3", "p2", "p1"]);
    expectBalanced(bench.world);
  });

  it("drops without ICMP what is longer than the port's MTU, 14 and 4 bytes", () => {
    const bench = three();
    bench.send(1, ALICE, BOB);
    bench.ports[1]!.setMtu(1000);
    expect(bench.send(0, BOB, ALICE, 1018)).toEqual(["p2"]);
    expect(bench.send(0, BOB, ALICE, 1019)).toEqual([]);
    expect(bench.world.frames.count(Fate.BRIDGE_MTU_EXCEEDED)).toBe(1);
    // A flood loses only the copy that does not fit.
    expect(bench.send(0, mac("02:00:00:00:00:99"), ALICE, 1400)).toEqual(["p3"]);
    expectBalanced(bench.world);
  });

  it("has nowhere to go with a single port", () => {
    const bench = new BridgeBench([P1]);
    bench.send(0, BOB, ALICE);
    expect(bench.world.frames.count(Fate.BRIDGE_NO_PORT)).toBe(1);
    bench.broadcast(0, ALICE);
    expect(bench.host.got).toHaveLength(1);
    expectBalanced(bench.world);
  });

  it.each([
    ["zero", ZERO_MAC],
    ["a group", MULTICAST],
  ])("refuses a source that is %s", (_what, source) => {
    const bench = three();
    expect(bench.send(0, BOB, source)).toEqual([]);
    expect(bench.world.frames.count(Fate.BRIDGE_INVALID_SOURCE)).toBe(1);
    expect(bench.fdb.some((line) => line.endsWith(" p1"))).toBe(false);
  });

  it("refuses what is shorter than a header", () => {
    const bench = three();
    bench.send(0, BOB, ALICE, 13);
    expect(bench.world.frames.count(Fate.FRAME_TOO_SHORT)).toBe(1);
  });

  it("keeps to port flags: no learning, no floods, isolation", () => {
    const bench = three();
    const [one, two, third] = bench.bridge.ports;
    one!.learning = false;
    bench.send(0, BOB, ALICE);
    expect(bench.send(1, ALICE, BOB)).toEqual(["p3", "p1"]);
    third!.flood = false;
    third!.broadcastFlood = false;
    expect(bench.send(0, CAROL, ALICE)).toEqual(["p2"]);
    expect(bench.broadcast(0, ALICE)).toEqual(["p2"]);
    expect(bench.send(0, MULTICAST, ALICE)).toEqual(["p3", "p2"]);
    expect(bench.fromHost(mac("ff:ff:ff:ff:ff:ff"))).toEqual(["p3", "p2", "p1"]);
    one!.isolated = true;
    two!.isolated = true;
    expect(bench.broadcast(0, ALICE)).toEqual([]);
    expect(bench.broadcast(2, ALICE)).toEqual(["p2", "p1"]);
  });
});

describe("link-local groups", () => {
  const group = (last: number) => (0x0180_c200_0000 + last) as Mac;

  it("the bridge group is flooded while STP is off, and kept when it is on", () => {
    const bench = three();
    expect(bench.send(0, group(0), ALICE)).toEqual(["p3", "p2"]);
    bench.bridge.stp.setEnabled(true);
    expect(bench.send(0, group(0), ALICE)).toEqual([]);
    expect(bench.world.frames.count(Fate.BRIDGE_LINK_LOCAL)).toBe(1);
  });

  it("the others stop here, but their source is learnt; pause frames teach nothing", () => {
    const bench = three();
    expect(bench.send(0, group(0x0e), ALICE)).toEqual([]);
    expect(bench.send(1, group(0x01), BOB)).toEqual([]);
    expect(bench.world.frames.count(Fate.BRIDGE_LINK_LOCAL)).toBe(2);
    expect(bench.send(2, ALICE, CAROL)).toEqual(["p1"]);
    expect(bench.send(2, BOB, CAROL)).toEqual(["p2", "p1"]);
    expect(bench.host.got).toEqual([]);
  });

  it("group_fwd_mask lets LLDP through", () => {
    const bench = three();
    bench.bridge.groupForwardMask = 0x4000;
    expect(bench.send(0, group(0x0e), ALICE)).toEqual(["p3", "p2"]);
    expect(bench.send(0, group(0x03), ALICE)).toEqual([]);
  });

  it("the first address after them is an ordinary group", () => {
    expect(three().send(0, group(0x10), ALICE)).toEqual(["p3", "p2"]);
  });
});

describe("watching", () => {
  it("a promiscuous bridge device gets a copy of everything that passes", () => {
    const bench = three();
    bench.send(1, ALICE, BOB);
    bench.bridge.addPromiscuity(1);
    expect(bench.send(0, BOB, ALICE)).toEqual(["p2"]);
    expect(bench.send(0, CAROL, ALICE)).toEqual(["p3", "p2"]);
    expect(bench.send(0, ALICE, CAROL)).toEqual([]);
    expect(bench.host.got).toHaveLength(3);
    expect(bench.bridge.counters.rxPackets).toBe(3);
    expect(bench.world.frames.count(Fate.BRIDGE_SAME_PORT)).toBe(0);
    expectBalanced(bench.world);
  });

  it("the passing point shows what is not for the host, and changes nothing", () => {
    const bench = three();
    const taps = new TapLog(bench.world);
    bench.bridge.passing.taps.add(taps);
    bench.send(0, BOB, ALICE);
    bench.broadcast(0, ALICE);
    bench.send(0, P2, ALICE);
    bench.fromHost(ALICE);
    expect(taps.lines).toHaveLength(1);
    expect(taps.lines[0]).toContain("xen1:xenbr0 forward 0 #1 60");
    bench.bridge.addPromiscuity(1);
    bench.send(0, BOB, ALICE);
    expect(taps.lines).toHaveLength(1);
    bench.table.rename(bench.bridge, "br9");
    expect(bench.bridge.passing.name).toBe("xen1:br9");
  });

  it("records each decision, in words that a table beside it gives", () => {
    const bench = three();
    bench.world.recorder.start();
    bench.send(0, BOB, ALICE);
    bench.send(1, ALICE, BOB);
    bench.send(2, ALICE, BOB);
    bench.send(0, P3, ALICE);
    bench.send(0, ALICE, ALICE);
    const owner = (id: number) => bench.world.points[id]!.owner;
    const said: string[] = [];
    for (let i = bench.world.recorder.first; i < bench.world.recorder.made; i++) {
      const { code, a, b, point } = bench.world.recorder.read(i);
      const story = bridgeSteps.find((step) => step.code === code);
      if (story !== undefined) said.push(`${owner(point)}: ${story.say(a, b, owner, String)}`);
    }
    expect(said).toEqual([
      "xenbr0: learnt 00:16:3e:00:00:0a on port p1",
      "xenbr0: 00:16:3e:00:00:0b is not in the forwarding database: flooded to 2 ports",
      "xenbr0: learnt 00:16:3e:00:00:0b on port p2",
      "xenbr0: the forwarding database has 00:16:3e:00:00:0a on port p1",
      "xenbr0: 00:16:3e:00:00:0b was behind port p2 until now",
      "xenbr0: learnt 00:16:3e:00:00:0b on port p3",
      "xenbr0: the forwarding database has 00:16:3e:00:00:0a on port p1",
      "xenbr0: 00:00:00:00:00:13 is the host's own: up to the bridge device",
      "xenbr0: 00:16:3e:00:00:0a is behind p1, where the frame came from",
    ]);
  });

  it("step codes are unique and in the bridge's range", () => {
    const codes = bridgeSteps.map((step) => step.code);
    expect(new Set(codes).size).toBe(codes.length);
    expect(codes.every((code) => code >= 150 && code < 190)).toBe(true);
  });

  it("hooks are asked by priority, where a frame comes in, goes on and leaves, and may keep it", () => {
    const bench = three();
    const asked: string[] = [];
    class Seat implements BridgeHook {
      readonly priority: number;
      readonly refuses: string;
      constructor(priority: number, refuses: string) {
        this.priority = priority;
        this.refuses = refuses;
      }
      enter = (frame: Frame, from: BridgePort) => this.answer(frame, `enter ${from.device.name}`);
      toHost = (frame: Frame, from: BridgePort) => this.answer(frame, `up ${from.device.name}`);
      forward = (frame: Frame, from: BridgePort, to: BridgePort) =>
        this.answer(frame, `${from.device.name}>${to.device.name}`);
      fromHost = (frame: Frame, to: BridgePort) => this.answer(frame, `host>${to.device.name}`);
      leave = (frame: Frame, _from: BridgePort | null, to: BridgePort) => this.answer(frame, `leave ${to.device.name}`);
      private answer(frame: Frame, what: string): boolean {
        asked.push(`${this.priority} ${what}`);
        if (what !== this.refuses) return true;
        bench.world.frames.finish(frame, Fate.CONSUMED);
        return false;
      }
    }
    const { hooks } = bench.bridge.forwarding;
    const late = new Seat(BridgePriority.FILTER_OTHER, "");
    hooks.add(late);
    hooks.add(new Seat(BridgePriority.FILTER_BRIDGED, "p1>p2"));
    expect(bench.broadcast(0, ALICE)).toEqual(["p3"]);
    expect(asked).toEqual([
      "-200 enter p1",
      "200 enter p1",
      "-200 p1>p3",
      "200 p1>p3",
      "-200 leave p3",
      "200 leave p3",
      "-200 p1>p2",
      "-200 up p1",
      "200 up p1",
    ]);
    asked.length = 0;
    hooks.remove(late);
    expect(bench.fromHost(BOB)).toEqual(["p3", "p2", "p1"]);
    expect(asked).toEqual([3, 2, 1].flatMap((n) => [`-200 host>p${n}`, `-200 leave p${n}`]));
    expectBalanced(bench.world);
  });
});

it("a port's frames end somewhere also when its device leaves in the middle of a flood of frames", () => {
  const bench = three();
  for (let i = 0; i < 50; i++) {
    bench.ports[0]!.arrive(frameOf(bench.world, i % 2 === 0 ? BOB : P1, ALICE));
    if (i === 25) bench.table.unregister(bench.ports[1]!);
  }
  expectBalanced(bench.world);
});
