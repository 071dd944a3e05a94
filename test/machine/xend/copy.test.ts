/** Promise P8 for xend, udevd and xm: a host copied in the middle of any of it goes on as the original does. */
import { expect, test } from "vitest";
import { copyGraph } from "../../../src/engine/copy.ts";
import { ms, seconds } from "../../../src/engine/time.ts";
import { XEND_3_0, XEND_3_1, XEND_4_2, type XendEra } from "../../../src/machine/xend/era.ts";
import { XendDom0 } from "../xend-dom0.ts";

/** Everything that can be told of a host at one instant. */
const story = (dom0: XendDom0): string =>
  JSON.stringify({
    now: dom0.world.scheduler.now,
    executed: dom0.world.scheduler.executed,
    writes: dom0.log.lines,
    store: dom0.xen.store.dump("/"),
    processes: [...dom0.machine.processes.keys()],
    log: dom0.type("cat /var/log/xen/xend.log").out,
    devices: dom0.type("ip -d link").out,
  });

function expectSame(dom0: XendDom0): void {
  const copy = copyGraph(dom0);
  dom0.wait(seconds(5));
  copy.wait(seconds(5));
  expect(story(copy)).toBe(story(dom0));
}

/** In xm's start, the build, udevd's latency, the hotplug script, the wait, the guest's boot. */
const MOMENTS = [60, 150, 221.5, 222.4, 223, 226, 230, 235, 400, 620];
const ERAS = [XEND_3_0, XEND_3_1, XEND_4_2];
const cases = ERAS.flatMap((era) => MOMENTS.map((time) => [era, time] as [XendEra, number]));

test.each(cases)("xm create, Xen $0.name, copied after %d ms", (era, time) => {
  const dom0 = new XendDom0(era);
  dom0.machine.run("xm create web1");
  dom0.wait(ms(time));
  expectSame(dom0);
  expect(dom0.xen.store.read("/local/domain/0/backend/vif/1/0/state")).toBe("4");
});

test.each([100, 121.5, 122, 500, 1121, 1150, 1172, 1173, 1200, 1300])("xm reboot, copied after %d ms", (time) => {
  const dom0 = new XendDom0(XEND_4_2);
  dom0.type("xm create web1");
  dom0.wait(seconds(70));
  dom0.machine.run("xm reboot -w web1");
  dom0.wait(ms(time));
  expectSame(dom0);
  expect(dom0.xen.hypervisor.byName("web1")!.id).toBe(2);
});

test.each([121.5, 122, 124, 126, 130])("xm network-attach, xm network-detach, copied after %d ms", (time) => {
  const dom0 = new XendDom0(XEND_4_2);
  dom0.type("xm create web1");
  dom0.wait(seconds(2));
  dom0.machine.run("xm network-attach web1 bridge=xenbr0");
  dom0.machine.run("xm network-detach web1 0");
  dom0.wait(ms(time));
  expectSame(dom0);
});
