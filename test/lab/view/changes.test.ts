/** What an administrator does shows in the next view. */
import { describe, expect, test } from "vitest";
import { seconds } from "../../../src/engine/time.ts";
import type { LabSnapshot } from "../../../src/lab/index.ts";
import { pass, type } from "../../kit/lab.ts";
import { bridge, device, fresh, guest, states, up, vif } from "./look.ts";

describe("what an administrator does shows", () => {
  test("xl pause and unpause", () => {
    const lab = up();
    type(lab, "xen1", "xl pause web2");
    expect(guest(lab.snapshot(), "web2")).toMatchObject({ state: "paused", machine: { paused: true, ready: true } });
    expect(guest(lab.snapshot(), "web1")).toMatchObject({ state: "running", machine: { paused: false } });
    type(lab, "xen1", "xl unpause web2");
    expect(guest(lab.snapshot(), "web2").state).toBe("running");
  });

  test("xl create -p: the domain is there and has not run", () => {
    const lab = up();
    type(lab, "xen1", "xl destroy web2; xl create -p /etc/xen/web2.cfg");
    expect(guest(lab.snapshot(), "web2")).toMatchObject({ state: "created", domid: 3 });
    expect(vif(lab.snapshot(), "web2")).toMatchObject({
      name: "vif3.0",
      backend: "InitWait",
      hotplugStatus: "connected",
    });
  });

  test("a pulled cable", () => {
    const lab = up();
    lab.plug("xen1", "eth0", false);
    const view = lab.snapshot();
    expect(device(view, "eth0")).toMatchObject({ plugged: false, carrier: false, up: true, state: "DOWN" });
    expect(view.networks[0]!.links[1]).toEqual({ machine: "xen1", device: "eth0", plugged: false, up: false });
    expect(view.networks[0]!.links[0]).toMatchObject({ plugged: true, up: true });
    expect(bridge(view).ports.map(({ device, state }) => [device, state])).toEqual([
      ["eth0", "disabled"],
      ["vif1.0", "forwarding"],
      ["vif2.0", "forwarding"],
    ]);
    expect(bridge(view).fdb.filter((entry) => entry.device === "eth0" && !entry.isLocal)).toEqual([]);
  });

  test("a drop, at its point and in the sum", () => {
    const lab = up();
    lab.plug("xen1", "eth0", false);
    type(lab, "web1", "ping -c 1 -W 1 192.168.1.1");
    pass(lab, 4);
    const { drops, frames } = lab.snapshot();
    expect(drops).toContainEqual({ point: "web1:ip", fate: "neighbour-failed", frames: 1 });
    expect(frames.dropped).toBe(drops.reduce((sum, drop) => sum + drop.frames, 0));
  });

  test("a guest destroyed and created again has a new id; one of another file comes last, and goes for good", () => {
    const lab = up();
    const ids = (): unknown[] =>
      lab.snapshot().hosts[0]!.guests.map(({ name, domid, vifs }) => [name, domid, vifs[0]!.name]);
    type(lab, "xen1", "xl destroy web1");
    expect(ids()).toEqual([
      ["web1", null, null],
      ["web2", 2, "vif2.0"],
    ]);
    expect(lab.snapshot().hosts[0]!.guests[0]).toEqual(fresh().snapshot().hosts[0]!.guests[0]);
    const config = `name = "extra"\\nkernel = "/k"\\nvif = [ "bridge=xenbr0,vifname=lan0,rate=1Mb/s" ]\\n`;
    type(lab, "xen1", `printf '${config}' > /root/extra.cfg; xl create /root/extra.cfg; xl create /etc/xen/web1.cfg`);
    expect(ids()).toEqual([
      ["web1", 4, "vif4.0"],
      ["web2", 2, "vif2.0"],
      ["extra", 3, "lan0"],
    ]);
    expect(vif(lab.snapshot(), "extra")).toMatchObject({ rate: "6250,50000", bridge: "xenbr0", guestDevice: "eth0" });
    type(lab, "xen1", "xl destroy extra");
    expect(ids()).toHaveLength(2);
  });

  test("a second vif: network-attach and network-detach", () => {
    const lab = up();
    const names = (): unknown[] =>
      guest(lab.snapshot(), "web1").vifs.map((each) => [each.name, each.guestDevice, each.mac]);
    type(lab, "xen1", "xl network-attach web1 mac=00:16:3e:00:00:09,bridge=xenbr0");
    pass(lab, 0.1);
    expect(names()).toEqual([
      ["vif1.0", "eth0", "00:16:3e:00:00:01"],
      ["vif1.1", "eth1", "00:16:3e:00:00:09"],
    ]);
    type(lab, "xen1", "xl network-detach web1 0");
    expect(names()).toEqual([["vif1.1", "eth1", "00:16:3e:00:00:09"]]);
  });

  test("a port with STP listens, then learns, each for the forward delay", () => {
    const lab = up();
    type(lab, "xen1", "brctl setfd xenbr0 4; brctl stp xenbr0 on; ip link set eth0 down; ip link set eth0 up");
    const port = (view: LabSnapshot) => bridge(view).ports[0]!;
    const limit = lab.now + seconds(10);
    expect(
      states(
        lab,
        (view) => port(view).state,
        () => lab.now > limit || port(lab.snapshot()).state === "learning",
      ),
    ).toEqual(["disabled", "listening", "learning"]);
    expect(port(lab.snapshot()).forwardDelayLeft).toBe(seconds(4));
    pass(lab, 1);
    expect(port(lab.snapshot())).toMatchObject({ state: "learning", forwardDelayLeft: seconds(3) });
    expect(bridge(lab.snapshot())).toMatchObject({ stp: true, forwardDelay: seconds(4) });
    pass(lab, 3);
    expect(port(lab.snapshot())).toMatchObject({ state: "forwarding", forwardDelayLeft: null });
  });

  test("a renamed NIC keeps its cable", () => {
    const lab = up();
    type(lab, "xen1", "ip link set eth0 down; ip link set eth0 name peth0; ip link set peth0 up");
    const view = lab.snapshot();
    expect(device(view, "peth0")).toMatchObject({ network: "lan", plugged: true });
    expect(view.networks[0]!.links[1]).toMatchObject({ machine: "xen1", device: "peth0" });
  });
});
