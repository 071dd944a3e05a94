/** Guests that go down by themselves: a shutdown's course, a reboot's new id and name, and guests that do not listen. */
import { describe, expect, test } from "vitest";
import { seconds } from "../../../src/engine/time.ts";
import { XEND_3_0, XEND_3_1, XEND_4_2, type XendEra } from "../../../src/machine/xend/era.ts";
import { XendDom0 } from "../xend-dom0.ts";

function running(era: XendEra, line = "xm create web1"): XendDom0 {
  const dom0 = new XendDom0(era);
  dom0.type(line);
  dom0.wait(seconds(70));
  return dom0;
}

const macOf = (dom0: XendDom0, domid: number): string | null =>
  dom0.xen.store.read(`/local/domain/${domid}/device/vif/0/mac`);

describe.each([XEND_3_0, XEND_3_1, XEND_4_2])("Xen $name", (era) => {
  test("xm reboot: a new domain id, and so a new vif name", () => {
    const dom0 = running(era);
    const { uuid } = dom0.xen.hypervisor.byName("web1")!;
    expect(dom0.type("xm reboot web1")).toMatchObject({ code: 0, out: "", err: "" });
    dom0.wait(seconds(5));
    expect(dom0.xen.hypervisor.byName("web1")).toMatchObject({ id: 2, uuid });
    expect(dom0.xen.store.read("/local/domain/0/backend/vif/2/0/state")).toBe("4");
    expect(dom0.type("brctl show").out).toMatch(/\tvif2\.0\n$/);
    expect(dom0.type("xenstore-ls -f").out).not.toMatch(/domain\/1\/|vif\/1\//);
    expect(dom0.xen.store.read(`/vm/${uuid}/xend/restart_count`)).toBe("1");
    expect(macOf(dom0, 2)).toBe("00:16:3e:00:00:01");
    const ping = dom0.guest(2).run("ip -br addr show eth0");
    dom0.wait(seconds(1));
    expect(ping.console!.text("stdout")).toContain("10.0.0.1/24");
  });

  test("xm shutdown -w: the guest closes its device, stops, and is destroyed", () => {
    const dom0 = running(era);
    dom0.log.lines.length = 0;
    expect(dom0.type("xm shutdown -w web1")).toMatchObject({
      code: 0,
      out: "Domain web1 terminated\nAll domains terminated\n",
    });
    expect(dom0.log.lines.slice(0, 2)).toEqual([
      "/local/domain/1/control/shutdown = 'poweroff'",
      expect.stringMatching(/control\/shutdown = ''|shutdown_start_time/),
    ]);
    expect(dom0.log.lines).toContain("/local/domain/1/device/vif/0/state = '5'");
    expect(dom0.log.lines).toContain("/local/domain/1/device/vif/0/state = '6'");
    expect(dom0.xen.guests.size).toBe(0);
    dom0.wait(seconds(1));
    expect(dom0.type("xenstore-ls -f").out).not.toMatch(/domain\/1|backend\/vif\/1/);
  });

  test("a paused guest does not listen: after a while it is destroyed", () => {
    const dom0 = running(era);
    dom0.type("xm pause web1");
    dom0.type("xm shutdown web1");
    dom0.wait((era.shutdownTimeout - seconds(1)) as typeof era.shutdownTimeout);
    expect(dom0.xen.guests.size).toBe(1);
    dom0.wait(seconds(2));
    expect(dom0.xen.guests.size).toBe(0);
    expect(dom0.type("cat /var/log/xen/xend.log").out).toContain("Domain shutdown timeout expired: name=web1 id=1\n");
  });
});

test("a MAC address that was made up: 3.1 makes another one, 3.0 and 4.2 keep it", () => {
  const changed = (era: XendEra): boolean => {
    const dom0 = running(era, "xm create web1 vif=bridge=xenbr0");
    const before = macOf(dom0, 1);
    expect(before).toMatch(/^00:16:3e:[0-7]/);
    dom0.type("xm reboot web1");
    dom0.wait(seconds(5));
    return macOf(dom0, 2) !== before;
  };
  expect([XEND_3_0, XEND_3_1, XEND_4_2].map(changed)).toEqual([false, true, false]);
});

test("4.2 destroys a guest that reboots within a minute, and says so in its log", () => {
  const dom0 = new XendDom0(XEND_4_2);
  dom0.type("xm create web1");
  dom0.wait(seconds(5));
  dom0.type("xm reboot web1");
  dom0.wait(seconds(5));
  expect(dom0.xen.guests.size).toBe(0);
  expect(dom0.type("grep fast /var/log/xen/xend.log").out).toMatch(
    / ERROR \(XendDomainInfo\) VM web1 restarting too fast\. Refusing to restart to avoid loops\.\n$/,
  );
});

test("on_poweroff and on_reboot", () => {
  const dom0 = running(XEND_3_1, "xm create web1 on_poweroff=restart on_reboot=preserve");
  dom0.type("xm shutdown web1");
  dom0.wait(seconds(30));
  expect(dom0.type("xm domid web1").out).toBe("2\n");
  dom0.type("xm reboot web1");
  dom0.wait(seconds(5));
  expect(dom0.type("xm list web1").out).toMatch(/web1 +2 .* ---s-- /);
  expect(dom0.type("xm shutdown web1").err).toBe("Error: Domain cannot be shutdown\n");
  expect(dom0.type("xm destroy web1").code).toBe(0);
  expect(dom0.xen.guests.size).toBe(0);
});

test("devices attached since come back after a reboot; detached ones too, in 3.1 but not in 4.2", () => {
  const devices = (era: XendEra): string => {
    const dom0 = running(era);
    dom0.type("xm network-attach web1 bridge=xenbr0");
    dom0.wait(seconds(1));
    dom0.type("xm network-detach web1 0");
    dom0.wait(seconds(1));
    dom0.type("xm reboot web1");
    dom0.wait(seconds(5));
    return dom0.xen.store.list("/local/domain/2/device/vif")!.join(" ");
  };
  expect(devices(XEND_3_1)).toBe("0 1");
  expect(devices(XEND_4_2)).toBe("0");
});
