/** The handshake of netfront and netback through xenstore, write by write as on a real Xen 4.17 host (A-watch.log). */
import { describe, expect, it } from "vitest";
import { judges } from "../kit/fidelity.ts";
import { expectBalanced, runFor } from "../kit/world.ts";
import { BE, FE, recorded, XenbusHost } from "../kit/xenbus.ts";

judges("handshake");

function connected(extra: Readonly<Record<string, string>> = {}): XenbusHost {
  const host = new XenbusHost();
  host.attach(extra);
  host.scriptDone();
  host.boot();
  host.written = [];
  return host;
}

describe("a guest that boots with a vif", () => {
  it("goes through the recorded writes in the recorded order, to the last gref and port", () => {
    const host = new XenbusHost();
    host.attach();
    host.scriptDone();
    host.boot();
    expect(host.written).toEqual(recorded(1, /backend.*hotplug-status = ''/, /backend.*state = '4'/));
    expect(host.states).toEqual(["4", "4"]);
    expect([host.front!.carrier, host.vif!.carrier]).toEqual([true, true]);
    expect(host.log).toContain("vif vif-1-0 vif1.0: Guest Rx ready");
  });

  it("has a vif from the moment the toolstack wrote: state 2, no carrier, fe:ff:ff:ff:ff:ff", () => {
    const host = new XenbusHost();
    host.attach();
    expect(host.states).toEqual(["1", "2"]);
    expect(host.vif).toMatchObject({ name: "vif1.0", carrier: false, up: false, mac: 0xfeffffffffff, mtu: 1500 });
    expect(host.front).toBeNull();
  });

  it("announces itself to its stack when the backend says Connected, not before", () => {
    const host = new XenbusHost();
    const changes: string[] = [];
    host.inside.watchers.add({ deviceChanged: (_device, change) => changes.push(change) });
    host.attach();
    host.boot();
    expect(changes).toEqual(["registered", "carrier"]);
    host.scriptDone();
    expect(changes).toEqual(["registered", "carrier", "notify-peers"]);
  });
});

describe("network-attach to a running guest", () => {
  it("brings the frontend to 4 before the script is done; the backend stays at 2 until then (recorded)", () => {
    const host = new XenbusHost();
    host.boot();
    host.attach();
    expect(host.states).toEqual(["4", "2"]);
    expect(host.vif!.carrier).toBe(true);
    host.scriptDone();
    expect(host.states).toEqual(["4", "4"]);
  });

  it("writes what the recording of it has, but for the grefs of a table that was used before", () => {
    const host = new XenbusHost();
    host.boot();
    host.attach();
    host.scriptDone();
    const all = recorded(4, /^\/local\/domain\/4\/device\/vif\/0 = \(gone\)/, /hotplug-status = 'connected'/);
    const trace = all.slice(all.indexOf("BE/hotplug-status = ") + 1);
    const anyGref = (line: string): string => line.replace(/(ring-ref) = \d+/, "$1 = N");
    expect(host.written.map(anyGref).slice(0, -1)).toEqual(trace.map(anyGref));
    expect(host.written.at(-1)).toBe("BE/state = 4");
  });
});

describe("network-detach", () => {
  it("goes: toolstack 5 and offline, guest 6, netback 5 and 6, hotplug-status gone (recorded)", () => {
    const host = connected();
    host.detach();
    const trace = recorded(4, /backend\/vif\/4\/0\/state = '4'/, /hotplug-status = \(gone\)/);
    expect(host.written).toEqual(trace);
    expect([host.vif, host.table.find("vif1.0")]).toEqual([null, null]);
    expect(host.front).toMatchObject({ carrier: false, transmitRing: null });
    host.store.remove(FE);
    host.store.remove(BE);
    host.settle();
    expect([host.front, host.inside.devices]).toEqual([null, []]);
    expect(host.world.frames.alive).toBe(0);
  });

  it("can be followed by another attach: same name, same references, traffic", () => {
    const host = connected();
    for (let i = 0; i < 3; i++) {
      host.detach();
      host.store.remove(FE);
      host.store.remove(BE);
      host.settle();
      host.attach();
      host.scriptDone();
      expect(host.states).toEqual(["4", "4"]);
      expect(host.store.read(`${FE}/tx-ring-ref`)).toBe("520");
      expect(host.store.read(`${FE}/event-channel-rx`)).toBe("9");
    }
    expect(host.front!.name).toBe("eth0");
    expect(host.vif!.carrier).toBe(true);
  });

  it("before the script ever said connected: nothing is written until the toolstack's 5 turns into 6", () => {
    const host = new XenbusHost();
    host.boot();
    host.attach();
    host.written = [];
    host.detach();
    expect(host.written).toEqual([
      "BE/state = 5",
      "BE/online = 0",
      "FE/state = 6",
      "BE/hotplug-status = (gone)",
      "BE/state = 6",
    ]);
    expect(host.vif).toBeNull();
  });
});

describe("a guest that unloads netfront", () => {
  it("closes step by step, each waiting for the backend; the vif stays, and is served again (xennet_bus_close)", () => {
    const host = connected();
    const { vif } = host;
    host.netfront!.unload();
    host.settle();
    expect(host.written.filter((line) => line.includes("/state"))).toEqual([
      "FE/state = 5",
      "BE/state = 5",
      "FE/state = 6",
      "BE/state = 6",
    ]);
    expect([host.front, host.vif, vif!.carrier]).toEqual([null, vif, false]);
    expect(host.guest.events.find(8)).toBeNull();
    host.written = [];
    host.netfront!.load();
    host.settle();
    expect(host.written.filter((line) => line.includes("/state"))).toEqual([
      "FE/state = 1",
      "BE/state = 2",
      "FE/state = 4",
      "BE/state = 4",
    ]);
    expect([host.vif, vif!.carrier, host.front!.carrier]).toEqual([vif, true, true]);
    expectBalanced(host.world);
  });

  it("can do so a hundred times, and be destroyed half-way", () => {
    const host = connected();
    for (let turn = 0; turn < 100; turn++) {
      host.netfront!.unload();
      // rmmod has not returned yet.
      runFor(host.world, 120_000);
      expect(host.netfront!.load()).toBe(false);
      host.settle();
      expect(host.netfront!.load()).toBe(true);
      host.settle();
    }
    expect([host.states, host.dom0.events.find(10), host.guest.events.find(10)]).toEqual([["4", "4"], null, null]);
    host.netfront!.unload();
    runFor(host.world, 60_000);
    expect(host.states[0]).toBe("5");
    host.netfront!.shutDown();
    host.store.remove(FE);
    host.settle();
    expect([host.vif, host.dom0.events.find(8), host.guest.events.find(8)]).toEqual([null, null, null]);
  });
});

describe("destroy", () => {
  it("takes the frontend's directory first: netback sees Unknown, closes and goes (recorded)", () => {
    const host = connected();
    host.netfront!.shutDown();
    host.store.remove(FE);
    host.store.write(`${BE}/state`, "5");
    host.store.write(`${BE}/online`, "0");
    host.settle();
    const keys = recorded(3, /^\/local\/domain\/0\/backend\/vif\/3\/0\/state = '4'/, /hotplug-status = \(gone\)/);
    expect(host.written.map((line) => line.split(" ")[0])).toEqual(keys.map((line) => line.split(" ")[0]));
    expect(host.written.slice(1)).toEqual([
      "BE/state = 5",
      "BE/online = 0",
      "BE/state = 5",
      "BE/state = 6",
      "BE/hotplug-status = (gone)",
    ]);
    expect(host.vif).toBeNull();
  });

  it("of a backend's whole directory takes the vif away, and makes no node again", () => {
    const host = connected();
    host.store.remove(BE);
    host.settle();
    expect([host.vif, host.store.exists(BE)]).toEqual([null, false]);
  });
});
