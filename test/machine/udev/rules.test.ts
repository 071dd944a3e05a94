import { describe, expect, test } from "vitest";
import { applyRules, type DeviceEvent } from "../../../src/machine/udev/rules.ts";
import { XEND_3_1, XEND_4_2 } from "../../../src/machine/xend/era.ts";

const event = (action: string, env: Record<string, string> = {}): DeviceEvent => ({
  SUBSYSTEM: "xen-backend",
  KERNEL: "vif-1-0",
  ACTION: action,
  env: new Map(Object.entries(env)),
});
const SCRIPT = { script: "/etc/xen/scripts/vif-bridge" };

describe("the rules of Xen's packages", () => {
  test("3.1 runs the device's own script, then the cleanup", () => {
    const run = (action: string) => applyRules(XEND_3_1.udevRules, event(action, SCRIPT)).commands;
    expect(run("online")).toEqual([["/etc/xen/scripts/vif-bridge", "online"]]);
    expect(run("offline")).toEqual([["/etc/xen/scripts/vif-bridge", "offline"]]);
    expect(run("remove")).toEqual([["/etc/xen/scripts/xen-hotplug-cleanup"]]);
    expect(run("add")).toEqual([]);
  });

  test("4.2 goes through vif-setup and says that udev calls", () => {
    const { commands, env } = applyRules(XEND_4_2.udevRules, event("online", SCRIPT));
    expect(commands).toEqual([["/etc/xen/scripts/vif-setup", "online", "type_if=vif"]]);
    expect(env.get("UDEV_CALL")).toBe("1");
  });
});

test("what a rule may say", () => {
  const run = (line: string) => applyRules(line, event("online", SCRIPT)).commands;
  expect(run(`ACTION!="online", RUN+="/bin/x"`)).toEqual([]);
  expect(run(`ACTION!="offline", RUN+="/bin/x '$env{script} a' $$ %k $kernel"`)).toEqual([
    ["/bin/x", "/etc/xen/scripts/vif-bridge a", "$", "%k", "vif-1-0"],
  ]);
  expect(run(`# ACTION=="online", RUN+="/bin/x"`)).toEqual([]);
  expect(run(`KERNEL=="vif?1-*", RUN+="/bin/x $env{nothing}"`)).toEqual([["/bin/x"]]);
  expect(run(`ATTR{address}=="x", RUN+="/bin/x"`)).toEqual([]);
});
