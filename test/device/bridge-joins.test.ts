/** What a bridge keeps of its ports from one change to the next is what counting them all anew gives. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { PortState } from "../../src/device/bridge-port.ts";
import type { Mac } from "../../src/packet/address.ts";
import { BridgeBench } from "../kit/bridge-bench.ts";

const action = fc.oneof(
  fc.record({
    kind: fc.constant("join" as const),
    mac: fc.integer({ min: 1, max: 9 }),
    mtu: fc.constantFrom(1400, 1500),
  }),
  fc.record({ kind: fc.constant("leave" as const), index: fc.nat(9) }),
  fc.record({ kind: fc.constant("mac" as const), index: fc.nat(9), mac: fc.integer({ min: 1, max: 9 }) }),
  fc.record({ kind: fc.constant("mtu" as const), index: fc.nat(9), mtu: fc.constantFrom(1300, 1500) }),
  fc.record({ kind: fc.constant("up" as const), index: fc.nat(9), up: fc.boolean() }),
);

const macOf = (last: number): Mac => (0x0016_3e00_0000 + last) as Mac;

test("numbers, address, MTU and states", () => {
  fc.assert(
    fc.property(fc.array(action, { maxLength: 30 }), (actions) => {
      const bench = new BridgeBench();
      const { bridge } = bench;
      for (const each of actions) {
        const taken = new Set(bridge.ports.map(({ number }) => number));
        if (each.kind === "join") {
          const device = bench.device(macOf(each.mac));
          device.setMtu(each.mtu);
          let lowest = 1;
          while (taken.has(lowest)) lowest++;
          expect(bench.add(device).number).toBe(lowest);
        } else {
          const device = bridge.ports[each.index]?.device;
          if (device === undefined) continue;
          if (each.kind === "leave") bridge.removePort(device);
          else if (each.kind === "mac") device.setMac(macOf(each.mac));
          else if (each.kind === "mtu") device.setMtu(each.mtu);
          else device.setUp(each.up);
        }
        const devices = bridge.ports.map((port) => port.device);
        expect(devices.map((device) => bridge.portOf(device))).toEqual([...bridge.ports]);
        expect(bridge.ports.map(({ state }) => state)).toEqual(
          devices.map(({ running }) => (running ? PortState.FORWARDING : PortState.DISABLED)),
        );
        expect(bridge.carrier).toBe(devices.length === 0 ? bridge.carrier : devices.some(({ running }) => running));
        if (devices.length === 0) continue;
        expect(bridge.idMac).toBe(Math.min(...devices.map(({ mac }) => mac)));
        expect(bridge.mtu).toBe(Math.min(...devices.map(({ mtu }) => mtu)));
      }
    }),
  );
});
