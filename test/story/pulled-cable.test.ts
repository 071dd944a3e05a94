/**
 * A pulled cable, in every era, with guests and without: what each tool says of the NIC, the bridge and the device with
 * the address. In Xen 3 the last one notices nothing; later it loses its carrier, unless a running guest keeps it.
 */
import { beforeAll, describe, expect, test } from "vitest";
import type { Lab } from "../../src/lab/index.ts";
import { fatesOf, hostUp, logSince, pings, plug, said, WIRINGS } from "./pulled-lab.ts";

const CASES = WIRINGS.flatMap((wiring) => [false, true].map((guests) => ({ ...wiring, guests })));
const HAS_NETLOOP = new Set(["3.0", "3.1"]);

const table: string[][] = [["xen", "guests", "NIC", "bridge", "address on", "routes", "dom0 to gw: frames end as"]];

/** "eth0 UP <BROADCAST,...>" in one word each. */
const brief = (lab: Lab, device: string): string => {
  const [name, state, , flags] = said(lab, `ip -br link show ${device}`).trim().split(/ +/);
  return `${name} ${state} ${/NO-CARRIER/.test(flags!) ? "NO-CARRIER" : /LOWER_UP/.test(flags!) ? "LOWER_UP" : "down"}`;
};

const detected = (lab: Lab, device: string): string => /Link detected: (\w+)/.exec(said(lab, `ethtool ${device}`))![1]!;
const carrier = (lab: Lab, device: string): string => said(lab, `cat /sys/class/net/${device}/carrier`).trim();
const running = (lab: Lab, device: string): boolean => said(lab, `ifconfig ${device}`).includes("RUNNING");

/** The block of one port in `brctl showstp`, and the lines of its number in `brctl showmacs`. */
const portBlock = (lab: Lab, bridge: string, port: string): string =>
  said(lab, `brctl showstp ${bridge}`)
    .split("\n\n")
    .find((block) => block.trim().startsWith(`${port} (`))!;
const learnt = (lab: Lab, bridge: string): string[] =>
  [...said(lab, `brctl showmacs ${bridge}`).matchAll(/^ +(\d+)\t(\S+)\tno/gm)].map(([, port, mac]) => `${port} ${mac}`);

describe.each(CASES)("Xen $xen, guests: $guests", ({ xen, nic, bridge, holder, guests, ...rest }) => {
  const loses = !HAS_NETLOOP.has(xen) && !guests;
  const look = (): string => said(lab, `ip link show ${holder}; ip addr show ${holder}; ip route; ethtool ${holder}`);
  let lab: Lab;
  let before = { holder: "", log: 0, learnt: [] as string[], port: "" };

  beforeAll(() => {
    lab = hostUp({ xen, nic, bridge, holder, ...rest }, guests);
    before = {
      holder: look(),
      log: logSince(lab, 0).length,
      learnt: learnt(lab, bridge),
      port: /\((\d+)\)/.exec(portBlock(lab, bridge, nic))![1]!,
    };
    plug({ lab, nic }, false);
  });

  test("the NIC has no carrier, and every tool says so by the name it has now", () => {
    expect(brief(lab, nic)).toBe(`${nic} DOWN NO-CARRIER`);
    expect(said(lab, `ip link show ${nic}`)).not.toContain("LOWER_UP");
    expect([carrier(lab, nic), detected(lab, nic), running(lab, nic)]).toEqual(["0", "no", false]);
    expect(said(lab, `ethtool ${nic}`)).toContain("\tSpeed: Unknown!\n\tDuplex: Unknown! (255)\n");
    expect(said(lab, `ethtool -i ${nic}`)).toContain("driver: e1000\n");
  });

  test("the kernel says it in two lines", () => {
    expect(logSince(lab, before.log)).toEqual([
      `e1000: ${nic} NIC Link is Down`,
      `${bridge}: port ${before.port}(${nic}) entered disabled state`,
    ]);
  });

  test("the port is disabled, and what was learnt there is forgotten, nothing else", () => {
    expect(portBlock(lab, bridge, nic)).toMatch(/state\t\t {7}disabled$/m);
    const isThere = (line: string): boolean => line.startsWith(`${before.port} `);
    expect(before.learnt.filter(isThere)).toEqual([`${before.port} 00:50:56:00:00:01`]);
    expect(learnt(lab, bridge)).toEqual(before.learnt.filter((line) => !isThere(line)));
    expect(said(lab, `brctl showmacs ${bridge}`)).toMatch(/\tyes\t\t {3}0\.00$/m);
  });

  test(loses ? "the bridge has the address and no carrier" : "the device with the address notices nothing", () => {
    if (loses) {
      expect(brief(lab, holder)).toBe(`${holder} DOWN NO-CARRIER`);
      expect(said(lab, `ip addr show ${holder}`)).toMatch(/NO-CARRIER.*inet 192\.168\.1\.10\/24/s);
      expect(said(lab, "ip route").trimEnd().split("\n")).toEqual([
        `default via 192.168.1.1 dev ${holder} linkdown `,
        `192.168.1.0/24 dev ${holder} proto kernel scope link src 192.168.1.10 linkdown`,
      ]);
      expect([carrier(lab, holder), detected(lab, holder), running(lab, holder)]).toEqual(["0", "no", false]);
    } else {
      const speedless = (text: string): string => text.replace(/Speed: .*/, "Speed");
      expect(speedless(look())).toBe(speedless(before.holder));
      expect([carrier(lab, holder), detected(lab, holder), running(lab, holder)]).toEqual(["1", "yes", true]);
    }
    expect(brief(lab, bridge)).toBe(loses ? `${bridge} DOWN NO-CARRIER` : `${bridge} UP LOWER_UP`);
  });

  test.runIf(HAS_NETLOOP.has(xen))("ethtool tells why: eth0 is netloop's, which knows no carrier", () => {
    expect(said(lab, "ethtool eth0")).toBe("Settings for eth0:\n\tLink detected: yes\n");
    expect(said(lab, "ethtool -i eth0")).toMatch(/^driver: netloop\n.*\nbus-info: vif-0-0\n/s);
    expect(brief(lab, "vif0.0")).toBe("vif0.0 UNKNOWN LOWER_UP");
  });

  test("nobody reaches the outside; guests reach each other and dom0", () => {
    const ends = fatesOf(lab, () => expect(pings(lab, "xen1", "192.168.1.1")).toBe(false));
    if (loses) expect(ends).toEqual(["no-carrier"]);
    else expect(ends).toContain(guests ? "other-host" : "bridge-no-port");
    table.push([
      xen,
      guests ? "two" : "none",
      brief(lab, nic),
      brief(lab, bridge),
      `${holder}: carrier ${carrier(lab, holder)}, Link detected: ${detected(lab, holder)}`,
      said(lab, "ip route").includes("linkdown") ? "linkdown" : "as before",
      ends.join(" "),
    ]);
    if (!guests) return;
    expect(pings(lab, "web1", "192.168.1.1")).toBe(false);
    expect(pings(lab, "web1", "192.168.1.12")).toBe(true);
    expect(pings(lab, "web1", "192.168.1.10")).toBe(true);
    expect(pings(lab, "xen1", "192.168.1.12")).toBe(true);
  });

  test("the cable back in, everything is as before", () => {
    const log = logSince(lab, 0).length;
    plug({ lab, nic }, true);
    expect(look()).toBe(before.holder);
    expect(logSince(lab, log)).toEqual([
      `e1000: ${nic} NIC Link is Up 1000 Mbps Full Duplex, Flow Control: RX`,
      `${bridge}: port ${before.port}(${nic}) entered blocking state`,
      `${bridge}: port ${before.port}(${nic}) entered forwarding state`,
    ]);
    expect(pings(lab, "xen1", "192.168.1.1")).toBe(true);
    if (guests) expect(pings(lab, "web1", "192.168.1.1")).toBe(true);
  });
});

test("the table", () => {
  const widths = table[0]!.map((_, column) => Math.max(...table.map((row) => row[column]!.length)));
  const lines = table.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column]!))
      .join("  ")
      .trimEnd(),
  );
  console.log(`the cable of the NIC is pulled:\n${lines.join("\n")}`);
  expect(table).toHaveLength(CASES.length + 1);
});
