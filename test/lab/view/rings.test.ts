/** Rings and queues: their indices move with the frames, and gauges are full when nothing goes on. */
import { describe, expect, test } from "vitest";
import { ms, seconds } from "../../../src/engine/time.ts";
import { copyLab, type DeviceSnapshot, type Lab, type LabSnapshot, type RingSnapshot } from "../../../src/lab/index.ts";
import { labUp, pass, planOfFile, type } from "../../kit/lab.ts";
import { device, guest, states, up, vif } from "./look.ts";

/** Indices as xen-netback's debugfs has them: "req prod 5 (0) cons 5 (0)", "rsp prod 5". */
function indices(text: string, ring: "TX" | "RX"): string[] {
  const pattern = new RegExp(
    `^${ring}: .*?req prod (\\d+) .*?cons (\\d+) .*?event (\\d+) .*?rsp prod (\\d+) .*?event (\\d+) `,
    "ms",
  );
  return pattern.exec(text)!.slice(1);
}

const ofRing = ({ reqProd, reqCons, reqEvent, rspProd, rspEvent }: RingSnapshot): string[] =>
  [reqProd, reqCons, reqEvent, rspProd, rspEvent].map(String);

describe("while web1 pings web2", () => {
  const lab = up();
  const before = lab.snapshot();
  type(lab, "web1", "ping -c 5 -i 0.01 192.168.1.102");
  const after = lab.snapshot();

  test("each frame takes a slot of the sender's transmit and of the receiver's receive ring, and both are free again", () => {
    const moved = (name: string, ring: "transmit" | "receive"): number =>
      vif(after, name)[ring]!.rspProd - vif(before, name)[ring]!.rspProd;
    const sent = (name: string): number =>
      guest(after, name).machine!.devices[1]!.counters.txPackets -
      guest(before, name).machine!.devices[1]!.counters.txPackets;
    // Five requests and an ARP question one way, the answers the other.
    expect([sent("web1"), sent("web2")]).toEqual([6, 6]);
    expect([moved("web1", "transmit"), moved("web2", "receive")]).toEqual([6, 6]);
    expect([moved("web2", "transmit"), moved("web1", "receive")]).toEqual([6, 6]);
    expect(vif(after, "web1").transmit).toMatchObject({ size: 256, used: 0 });
    expect(vif(after, "web1").receive).toMatchObject({ size: 256, used: 0 });
  });

  test("a transmit ring is in use from the request to the answer, a receive ring from netback's copy to the guest's poll", () => {
    const twin = copyLab(lab);
    twin.exec("web1", "ping -c 1 192.168.1.102");
    const word = (view: LabSnapshot): string =>
      `web1 tx ${vif(view, "web1").transmit!.used}, web2 rx ${vif(view, "web2").receive!.used}`;
    const limit = twin.now + ms(5);
    const seen = states(twin, word, () => twin.now >= limit);
    expect(seen.slice(0, 3)).toEqual(["web1 tx 0, web2 rx 0", "web1 tx 1, web2 rx 0", "web1 tx 0, web2 rx 0"]);
    expect(seen).toContain("web1 tx 0, web2 rx 1");
    expect(seen.at(-1)).toBe("web1 tx 0, web2 rx 0");
  });

  test("dom0's debugfs has the same indices", () => {
    const text = type(lab, "xen1", "cat /sys/kernel/debug/xen-netback/vif1.0/io_ring_q0").stdout;
    const { transmit, receive } = vif(lab.snapshot(), "web1");
    expect(ofRing(transmit!)).toEqual(indices(text, "TX"));
    expect(ofRing(receive!)).toEqual(indices(text, "RX"));
  });

  test("the event channels have the ports of xenstore, and count what was sent", () => {
    const { transmit, receive } = vif(after, "web1");
    const store = type(lab, "xen1", "xenstore-ls /local/domain/1/device/vif/0").stdout;
    expect(store).toContain(`event-channel-tx = "${transmit!.eventChannel.frontendPort}"`);
    expect(store).toContain(`event-channel-rx = "${receive!.eventChannel.frontendPort}"`);
    const notified = (view: LabSnapshot): number => vif(view, "web1").transmit!.eventChannel.frontendSent;
    expect(notified(after) - notified(before)).toBe(6);
  });
});

describe("devices that are busy", () => {
  const busy = (): Lab => labUp(planOfFile("bridge-busy.yaml"));

  test("a paused receiver: its ring is full, netback's queue too, and the qdisc holds what tc counts", () => {
    const lab = busy();
    type(lab, "outside", "ping -c 1 192.168.1.102");
    type(lab, "xen1", "xl pause web2");
    lab.exec("outside", "ping -q -f -c 1200 -s 1400 192.168.1.102");
    pass(lab, 9);
    const { stdout } = type(lab, "xen1", "tc -s qdisc show dev vif2.0");
    const view = lab.snapshot();
    const { receive, fifo } = vif(view, "web2");
    expect(receive).toMatchObject({ size: 256, used: 256 });
    expect(receive!.reqProd - receive!.reqCons!).toBe(0);
    expect(fifo!.bytes).toBeGreaterThanOrEqual(fifo!.limit);
    const queue = device(view, "vif2.0").queue!;
    expect(queue).toMatchObject({ stopped: true, stops: 1 });
    expect(queue.length).toBeGreaterThan(100);
    expect(stdout).toContain(`limit ${queue.limit}p`);
    expect(stdout).toContain(`(dropped ${queue.dropped},`);
    expect(stdout).toContain(` backlog ${queue.backlog}b ${queue.length}p `);
    expect(view.drops).toContainEqual({ point: "xen1:vif2.0", fate: "netback-queue-full", frames: 1 });
    type(lab, "xen1", "xl unpause web2");
    pass(lab, 0.5);
    expect(vif(lab.snapshot(), "web2").receive!.used).toBe(0);
  });

  test("a limited sender: netback waits for its window, netfront stops at 237 slots", () => {
    const lab = busy();
    expect(vif(lab.snapshot(), "web1")).toMatchObject({ rate: "2500,50000", waitsForCredit: false });
    lab.exec("web1", "ping -q -f -c 1000 -s 1400 192.168.1.1");
    const eth0 = (): DeviceSnapshot => guest(lab.snapshot(), "web1").machine!.devices[1]!;
    const limit = lab.now + seconds(20);
    while (eth0().queue!.stops === 0 && lab.now < limit) pass(lab, 0.01);
    const view = lab.snapshot();
    expect(vif(view, "web1").waitsForCredit).toBe(true);
    expect(vif(view, "web1").transmit!.used).toBe(237);
    expect(eth0().queue).toMatchObject({ stopped: true });
  });
});
