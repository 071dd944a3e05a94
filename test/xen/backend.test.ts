/** Netback against frontends of any make: the test writes the frontend's keys itself. */
import { describe, expect, it } from "vitest";
import { SharedRing } from "../../src/xen/ring.ts";
import { BE, FE, XenbusHost } from "../kit/xenbus.ts";

/** A guest whose driver is written down here: it grants two rings and says so. */
class Foreign extends XenbusHost {
  constructor(extra: Readonly<Record<string, string>> = {}) {
    super();
    this.attach(extra);
    this.scriptDone();
  }

  offer(changes: Readonly<Record<string, string | null>> = {}): void {
    const { grants, events } = this.guest;
    const references = [grants.reserve(1), grants.reserve(1)];
    for (const reference of references) grants.grantRing(reference, 0, new SharedRing());
    const keys: Record<string, string | null> = {
      "tx-ring-ref": String(references[0]),
      "rx-ring-ref": String(references[1]),
      "event-channel-tx": String(events.allocate().port),
      "event-channel-rx": String(events.allocate().port),
      ...changes,
    };
    for (const [key, value] of Object.entries(keys)) if (value !== null) this.store.write(`${FE}/${key}`, value);
    this.state(4);
  }

  state(state: number): void {
    this.store.write(`${FE}/state`, String(state));
    this.settle();
  }
}

describe("a frontend that closes by itself (its module is unloaded)", () => {
  it("takes the backend to 5 and 6, where it stays registered, and back to 2 and 4 when it comes again", () => {
    const host = new Foreign();
    host.offer();
    expect(host.states).toEqual(["4", "4"]);
    const vif = host.vif;
    host.state(5);
    expect([host.states, vif!.connected, vif!.carrier]).toEqual([["5", "5"], false, false]);
    host.state(6);
    expect([host.states, host.vif]).toEqual([["6", "6"], vif]);
    host.state(1);
    expect(host.states).toEqual(["1", "2"]);
    host.offer();
    expect([host.states, vif!.carrier]).toEqual([["4", "4"], true]);
  });

  it("and then is taken away: netback unregisters", () => {
    const host = new Foreign();
    host.offer();
    host.state(5);
    host.store.write(`${BE}/online`, "0");
    host.state(6);
    expect([host.states, host.vif]).toEqual([["6", "6"], null]);
  });

  it("that starts anew without a good-bye (a crash kernel) is met with 5, 6 and 2", () => {
    const host = new Foreign();
    host.offer();
    host.written = [];
    host.state(1);
    expect(host.written.slice(1)).toEqual(["BE/state = 5", "BE/state = 6", "BE/state = 2"]);
    expect(host.vif!.connected).toBe(false);
  });
});

describe("a frontend that offers nonsense", () => {
  const error = "/local/domain/0/error/backend/vif/1/0/error";

  it.each([
    ["rings that were not granted", { "tx-ring-ref": "700" }, "22 mapping shared-frames 700/9 port tx 8 rx 9"],
    ["a port that is not open", { "event-channel-rx": "77" }, "22 mapping shared-frames 8/9 port tx 8 rx 77"],
    ["no ring", { "rx-ring-ref": null }, `2 reading ${FE}/ring-ref`],
    ["no event channel", { "event-channel-tx": null }, `2 reading ${FE}/event-channel(-tx/rx)`],
    ["too many queues", { "multi-queue-num-queues": "4" }, "22 guest requested 4 queues, but valid range is 1 - 1."],
    ["no queue", { "multi-queue-num-queues": "0" }, "22 guest requested 0 queues, but valid range is 1 - 1."],
  ])("%s: the error is written, and the backend goes to Closing", (_name, changes, sentence) => {
    const host = new Foreign();
    host.offer(changes);
    expect(host.store.read(error)).toBe(sentence);
    expect(host.log.at(-1)).toBe(`vif vif-1-0: ${sentence}`);
    expect([host.states, host.vif!.connected]).toEqual([["4", "5"], false]);
    expect(host.dom0.events.find(8)).toBeNull();
  });

  it("and closes then is served when it comes again with something better", () => {
    const host = new Foreign();
    host.offer({ "rx-ring-ref": "9999" });
    host.state(6);
    expect(host.states).toEqual(["6", "6"]);
    host.state(1);
    host.offer();
    expect(host.states).toEqual(["4", "4"]);
  });
});

describe("rate in the backend's directory", () => {
  it("is read at the connect and followed live", () => {
    const host = new Foreign({ rate: "10000,50000" });
    host.offer();
    const { credit } = host.vif!.transmitQueue!;
    expect([credit.bytes, credit.micros]).toEqual([10_000, 50_000]);
    host.store.write(`${BE}/rate`, "20000,50000");
    host.settle();
    expect(credit.bytes).toBe(20_000);
    host.store.remove(`${BE}/rate`);
    host.settle();
    expect(credit.micros).toBe(0);
  });

  it("that cannot be read means no limit, with the kernel's word", () => {
    const host = new Foreign({ rate: "fast" });
    host.offer();
    expect(host.log).toContain("xen_netback: Failed to parse network rate limit. Traffic unlimited.");
    expect(host.vif!.transmitQueue!.credit.micros).toBe(0);
  });
});

describe("a vif whose name is taken", () => {
  it("is not made twice, and its points are not made at all", () => {
    const host = new XenbusHost();
    host.attach();
    const points = host.world.points.length;
    host.store.write("/local/domain/0/backend/vif/1/00/state", "1");
    host.settle();
    expect(host.world.points.length).toBe(points);
  });
});
