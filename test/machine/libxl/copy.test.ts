/** Promise P8 for the toolstack: a host copied in the middle of any step goes on as the original does. */
import { expect, test } from "vitest";
import { copyGraph } from "../../../src/engine/copy.ts";
import { ms, seconds } from "../../../src/engine/time.ts";
import { Dom0 } from "../xen-dom0.ts";

/** Everything that can be told of a host at one instant. */
function story(dom0: Dom0): unknown {
  const { scheduler } = dom0.world;
  return {
    now: scheduler.now,
    executed: scheduler.executed,
    writes: dom0.log.lines,
    store: dom0.xen.store.dump("/"),
    processes: [...dom0.machine.processes.keys()],
    kernel: dom0.type("dmesg").out,
    devices: dom0.type("ip -d link").out,
  };
}

const finish = (dom0: Dom0): unknown => {
  dom0.wait(seconds(5));
  return story(dom0);
};

/** Milliseconds after the start: in the build, at the console, in the hotplug script, in the guest's boot. */
test.each([1, 30, 104.3, 106, 110, 115, 119, 121, 250, 410])("xl create, copied after %d ms", (time) => {
  const dom0 = new Dom0();
  dom0.machine.run("xl create g1.cfg");
  dom0.wait(ms(time));
  const copy = copyGraph(dom0);
  const before = JSON.stringify(finish(dom0));
  expect(JSON.stringify(finish(copy))).toBe(before);
  expect(dom0.xen.store.read("/local/domain/0/backend/vif/1/0/state")).toBe("4");
});

test.each([1.2, 1.26, 5, 8, 12])("xl destroy, copied after %d ms", (time) => {
  const dom0 = new Dom0();
  dom0.type("xl create g1.cfg");
  dom0.wait(seconds(2));
  dom0.machine.run("xl destroy g1");
  dom0.wait(ms(time));
  const copy = copyGraph(dom0);
  const before = JSON.stringify(finish(dom0));
  expect(JSON.stringify(finish(copy))).toBe(before);
  expect(dom0.xen.guests.size).toBe(0);
});

test("a copy goes its own way", () => {
  const dom0 = new Dom0();
  dom0.machine.run("xl create g1.cfg");
  dom0.wait(ms(50));
  const copy = copyGraph(dom0);
  copy.type("ip link set xenbr0 down; brctl delbr xenbr0");
  copy.wait(seconds(2));
  dom0.wait(seconds(2));
  expect(dom0.xen.guests.size).toBe(1);
  expect(copy.xen.guests.size).toBe(0);
});
