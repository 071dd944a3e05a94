/** Whatever happens to a guest's device at whatever moment: afterwards the host holds what it held before. */
import { describe, expect, it } from "vitest";
import { copyGraph } from "../../../src/engine/copy.ts";
import { seconds } from "../../../src/engine/time.ts";
import { BROADCAST_MAC } from "../../../src/packet/address.ts";
import { CLASSIC } from "../../../src/xen/border-classic.ts";
import type { BorderKind } from "../../../src/xen/border-kind.ts";
import { MODERN } from "../../../src/xen/border-modern.ts";
import { type Census, censusOf, growth } from "../../kit/census.ts";
import { expectBalanced, frameOf } from "../../kit/world.ts";
import { Dom0 } from "../xen-dom0.ts";

const KINDS = [MODERN, CLASSIC];
const ATTACH = "xl network-attach g1 bridge=xenbr0";
const DETACH = "xl network-detach g1 1";

function silent(kind: BorderKind): Dom0 {
  const dom0 = new Dom0(true, kind);
  dom0.xen.store.listeners.length = 0;
  return dom0;
}

function booted(kind: BorderKind): Dom0 {
  const dom0 = silent(kind);
  dom0.type("xl create g1.cfg");
  dom0.wait(seconds(5));
  inGuest(dom0, "ip link set eth0 up");
  return dom0;
}

function inGuest(dom0: Dom0, line: string): void {
  for (const guest of dom0.xen.guests.values()) guest.machine.run(line);
  dom0.wait(seconds(0.1));
}

/** The guest floods from its newest device; what is under way stays so. */
function traffic(dom0: Dom0): void {
  inGuest(dom0, "ip link set eth1 up");
  for (const { machine } of dom0.xen.guests.values()) {
    const eth1 = machine.table.find("eth1");
    if (eth1 === null) continue;
    for (let i = 0; i < 300; i++) eth1.transmit(frameOf(dom0.world, BROADCAST_MAC, eth1.mac, 1000));
  }
}

/** Everything a host can hold for a guest, in words and in numbers: apart from logs, spare buffers, and the chance of each name. */
function holdings(dom0: Dom0): { words: object; census: Census } {
  const { machine, world, xen } = dom0;
  const logs = [...xen.guests.values()].map((guest) => guest.machine.table.log.lines);
  const { retiredNames } = world as unknown as { retiredNames: object };
  const { spare, heap } = world.scheduler as unknown as { spare: object; heap: readonly object[] };
  const { small, large } = world.frames as unknown as { small: object; large: object };
  return {
    words: {
      devices: machine.table.devices.map(({ name }) => name),
      ports: dom0.type("bridge link").out,
      // The bridge's own address: it goes with the last port, as with the kernel's, and does not come back.
      fdb: dom0.type("bridge fdb show br xenbr0 | grep -v 'master xenbr0 permanent'").out,
      store: xen.store.dump("/").map(({ path }) => path),
      channels: (xen.dom0.events as unknown as { ports: Map<number, object> }).ports.size,
      points: world.points.length,
      events: heap.length,
      alive: world.frames.alive,
    },
    census: censusOf(dom0, [machine.table.log.lines, retiredNames, world.streams, spare, small, large, ...logs]),
  };
}

describe.each(KINDS)("a host of the $name kind", (kind) => {
  it("attaches and detaches a device 1,000 times under traffic, and holds no more than after the first hundred", () => {
    const dom0 = booted(kind);
    let before: ReturnType<typeof holdings> | null = null;
    for (let turn = 1; turn <= 1000; turn++) {
      expect(dom0.type(ATTACH).code).toBe(0);
      traffic(dom0);
      expect(dom0.type(DETACH).code).toBe(0);
      expect(dom0.machine.table.find("vif1.1")).toBeNull();
      if (turn === 100) {
        dom0.wait(seconds(20));
        before = holdings(dom0);
      }
    }
    dom0.wait(seconds(20));
    const after = holdings(dom0);
    expect(after.words).toEqual(before!.words);
    expect(growth(before!.census, after.census)).toEqual({});
    expectBalanced(dom0.world);
  }, 60_000);
});

/** One way for a guest to end. */
type End = readonly [name: string, end: (dom0: Dom0) => void];

const ENDS: readonly End[] = [
  ["is destroyed", (dom0) => destroyed(dom0)],
  [
    "crashes, and is destroyed a minute later",
    (dom0) => {
      for (const { domain } of dom0.xen.guests.values()) {
        domain.pause();
        domain.shutdown = "crash";
      }
      dom0.wait(seconds(60));
      destroyed(dom0);
    },
  ],
];

/** A toolstack that was in the middle of a creation may finish it, so there may be one more to destroy. */
function destroyed(dom0: Dom0): void {
  for (let attempt = 0; attempt < 2; attempt++) {
    for (const id of dom0.xen.guests.keys()) dom0.type(`xl destroy ${id}`);
    dom0.wait(seconds(60));
  }
}

/** A command that is interrupted at each of its instants, and the host it is typed on. */
type Course = readonly [line: string, prepare: (kind: BorderKind) => Dom0];

const COURSES: readonly Course[] = [
  ["xl create g1.cfg", (kind) => silent(kind)],
  [ATTACH, (kind) => booted(kind)],
  [DETACH, (kind) => attached(kind)],
];

/** A host that never had a guest, but for the two directories that stay (as on a real one). */
function untouched(kind: BorderKind): Dom0 {
  const dom0 = silent(kind);
  for (const directory of ["/vm", "/libxl"]) dom0.xen.store.mkdir(directory);
  return dom0;
}

function attached(kind: BorderKind): Dom0 {
  const dom0 = booted(kind);
  dom0.type(ATTACH);
  traffic(dom0);
  return dom0;
}

describe.each(KINDS)("a guest of the $name kind that ends at any instant", (kind) => {
  it.each(ENDS)(
    "%s: in every state of both ends of a handshake nothing of it is left",
    (_name, end) => {
      const nothing = holdings(untouched(kind));
      const states = new Set<string>();
      for (const [line, prepare] of COURSES) {
        const host = prepare(kind);
        for (const now of instantsOf(host, line)) {
          states.add(now.split(" ")[0]!);
          const dying = copyGraph(host);
          end(dying);
          dying.wait(seconds(120));
          // What xl wrote about the guest stays, as on a real host.
          dying.type("rm -f /var/log/xen/xl-g1.log");
          const left = holdings(dying);
          expect(left.words, `${line} after ${now}`).toEqual(nothing.words);
          expect(growth(nothing.census, left.census), `${line} after ${now}`).toEqual({});
          expectBalanced(dying.world);
        }
      }
      expect([...states].sort()).toEqual(["--", "11", "12", "42", "44", "45", "65", "66"]);
    },
    120_000,
  );
});

/** Runs the command and stops whenever something is different from the instant before. */
function* instantsOf(host: Dom0, line: string): Generator<string> {
  const device = line === "xl create g1.cfg" ? 0 : 1;
  const process = host.machine.run(line);
  for (let seen = ""; !process.hasEnded || seen.startsWith("12"); host.world.scheduler.step()) {
    const now = instant(host, device);
    if (now !== seen) yield now;
    seen = now;
  }
}

/** Frontend and backend state, and what is under way besides. */
function instant(dom0: Dom0, device: number): string {
  const { store } = dom0.xen;
  const state = (path: string) => store.read(`${path}/state`) ?? "-";
  const backend = `/local/domain/0/backend/vif/1/${device}`;
  const vif = dom0.machine.table.find(`vif1.${device}`);
  const status = store.read(`${backend}/hotplug-status`);
  return `${state(`/local/domain/1/device/vif/${device}`)}${state(backend)} ${status} ${vif?.up} ${vif?.master?.name} ${vif?.carrier}`;
}
