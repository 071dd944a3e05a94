/** Map and Setup of hosts that route: golden screens, what keys and clicks do there, and without signs or colours. */
import { afterEach, describe, expect, test } from "vitest";
import { openFile } from "../../src/tui/choose-topology.ts";
import type { TerminalOptions } from "../../src/tui/outside.ts";
import { Key, Stage } from "./kit/stage.ts";
import { LEASED, NATTED, ROUTED } from "./kit/topologies.ts";

let stage: Stage;
afterEach(() => stage.close());

async function opened(
  text: string,
  columns: number,
  rows: number,
  options: Partial<TerminalOptions> = {},
): Promise<void> {
  stage = await Stage.choosing(columns, rows, options);
  stage.outside.texts.set("lab.yaml", text);
  openFile(stage.app, "lab.yaml");
  await stage.pass(0);
}

const SIZES = [
  [80, 24],
  [140, 40],
] as const;

describe.each(SIZES)("at %dx%d", (columns, rows) => {
  test("the map of route mode: before the set-up, with its guests up, without forwarding", async () => {
    await opened(ROUTED, columns, rows);
    await expect(stage.emulator.golden()).toMatchFileSnapshot(`../golden/tui/route-start-${columns}x${rows}.txt`);
    await stage.run(3_000);
    await expect(stage.emulator.golden()).toMatchFileSnapshot(`../golden/tui/route-map-${columns}x${rows}.txt`);
    await stage.type(":", "sysctl -w net.ipv4.ip_forward=0", Key.enter);
    await stage.pass(400);
    await stage.type(Key.esc);
    expect(stage.text).toContain("ip_forward 0");
    await expect(stage.emulator.golden()).toMatchFileSnapshot(`../golden/tui/route-off-${columns}x${rows}.txt`);
  });

  test("the map of NAT mode, its table of rules in front", async () => {
    await opened(NATTED, columns, rows);
    await stage.run(3_000);
    for (let i = 0; i < 3 && !/─ iptables xen1 /.test(stage.text); i++) await stage.type(Key.tab);
    await expect(stage.emulator.golden()).toMatchFileSnapshot(`../golden/tui/nat-map-${columns}x${rows}.txt`);
  });

  test("libvirt's network: virbr0 leads to the IP stack, MASQUERADE, connections, the leases of dnsmasq", async () => {
    stage = await Stage.open("nat.yaml", columns, rows, { scenario: true, life: false });
    await stage.run(21_500);
    expect(stage.text).toContain("┗━╢");
    expect(stage.text).toContain("192.168.122.1/24");
    expect(stage.text).toMatch(/icmp 192\.168\.122\.17 id \d+ → 192\.168\.1\.1 ⇄ as 192\.168\.1\.10/);
    await expect(stage.emulator.golden()).toMatchFileSnapshot(`../golden/tui/nat-libvirt-${columns}x${rows}.txt`);
  });

  test("the set-up of route mode: a route, a sysctl", async () => {
    await opened(ROUTED, columns, rows);
    await stage.type("4", Key.tab, Key.tab, Key.right);
    expect(stage.text).toMatch(/▸ . echo 1/);
    await expect(stage.emulator.golden()).toMatchFileSnapshot(
      `../golden/tui/route-setup-sysctl-${columns}x${rows}.txt`,
    );
    await stage.type(Key.right);
    expect(stage.text).toMatch(/▸ 3 ip route add/);
    await expect(stage.emulator.golden()).toMatchFileSnapshot(`../golden/tui/route-setup-route-${columns}x${rows}.txt`);
  });

  test("the set-up of libvirt's network: its device is up, a guest's vif at its bridge", async () => {
    stage = await Stage.open("nat.yaml", columns, rows);
    await stage.type("4");
    await stage.pass(2_000);
    await stage.type(Key.enter, Key.left, Key.left);
    expect(stage.text).toMatch(/▸ . brctl addif virbr0/);
    await expect(stage.emulator.golden()).toMatchFileSnapshot(`../golden/tui/nat-libvirt-setup-${columns}x${rows}.txt`);
  });

  test("the set-up of NAT mode: a rule", async () => {
    await opened(NATTED, columns, rows);
    await stage.type("4", Key.tab, Key.right);
    expect(stage.text).toMatch(/▸ 3 iptables -t nat -A/);
    await expect(stage.emulator.golden()).toMatchFileSnapshot(`../golden/tui/nat-setup-rule-${columns}x${rows}.txt`);
  });
});

describe("the tables below the picture", () => {
  test("tab goes through them; up and down in one; ↵ filters Packets, y copies the row, s pings", async () => {
    await opened(ROUTED, 80, 24);
    await stage.run(3_000);
    expect(stage.text).toContain("─ ip route xen1 ─");
    await stage.type(Key.tab);
    expect(stage.footer).toContain("default via 192.168.1.1 dev eth0");
    await stage.type("j", "j");
    expect(stage.footer).toContain("192.168.1.50 dev vif1.0 scope link src 192.168.1.10");
    await stage.type("y");
    expect(stage.copied).toEqual(["192.168.1.50 dev vif1.0 scope link src 192.168.1.10"]);
    await stage.type(Key.enter);
    expect(stage.text).toContain("/ ip.addr == 192.168.1.50");
    await stage.type("1", Key.tab);
    expect(stage.text).toContain("─ iptables xen1 ─");
    await stage.type(Key.tab);
    expect(stage.text).toContain("─ ip route xen1 ─");
    await stage.type("s");
    const { entries } = stage.app.bench!.session.lab.journal;
    await stage.pass(100);
    expect(JSON.stringify(entries.at(-1))).toContain("ping -c 3 192.168.1.1");
  });

  test("a click on a row selects it, a second one opens its packets; x works on its device", async () => {
    await opened(ROUTED, 140, 40);
    await stage.run(3_000);
    await stage.clickOn("192.168.1.51 dev vif2.0");
    expect(stage.footer).toContain("192.168.1.51 dev vif2.0 scope link");
    await stage.type("x");
    await stage.pass(400);
    expect(stage.text).toMatch(/┄ vif2\.0 ┄/);
    // The route went with its link: the next x does nothing to what is selected in its place.
    await stage.type("x");
    expect(stage.footer).toContain("what was selected is gone");
    await stage.pass(400);
    expect(stage.text).not.toMatch(/┄ vif1\.0 ┄/);
    expect(stage.text).toContain("no host route");
    await stage.clickOn("192.168.1.50 dev vif1.0");
    await stage.clickOn("192.168.1.50 dev vif1.0");
    expect(stage.text).toContain("/ ip.addr == 192.168.1.50");
  });
});

test("a lease: the guest it is given to, its MAC, what is left of it; ↵ shows that guest's frames", async () => {
  stage = await Stage.choosing(140, 40, { scenario: true, life: false });
  stage.outside.texts.set("lab.yaml", LEASED);
  openFile(stage.app, "lab.yaml");
  await stage.pass(0);
  await stage.run(16_000);
  for (let i = 0; i < 5 && !/^ 192\.168\.122\.\d+ +web1/.test(stage.footer); i++) await stage.type(Key.tab);
  expect(stage.text).toMatch(/192\.168\.122\.\d+ +web1 .*00:16:3e:00:00:01 {2}3[56]\d\d s left/);
  expect(stage.text).toContain("1 lease");
  await stage.clickOn("web1  00:16:3e");
  await stage.type(Key.enter);
  expect(stage.text).toContain("/ eth.addr == 00:16:3e:00:00:01");
  expect(stage.text).toMatch(/DHCP.*00:16:3e:00:00:01/);
});

test("a connection: both sides of its NAT on one row, ↵ shows its frames on both", async () => {
  const pings = ["web1", "web2"].map((name) => `  - { at: 1s, on: ${name}, run: ping -c 3 192.168.1.1 }\n`);
  await opened(`${NATTED}scenario:\n${pings.join("")}`, 140, 40, { scenario: true, life: false });
  await stage.run(3_000);
  expect(stage.text).toMatch(/icmp 10\.0\.1\.1 id \d+ → 192\.168\.1\.1 ⇄ as 192\.168\.1\.10 id \d+ +\d+ s/);
  expect(stage.text).toContain("MASQUERADE eth0  2 flows");
  await stage.clickOn("icmp 10.0.2.1");
  await stage.type(Key.enter);
  expect(stage.text).toMatch(/\/ \(ip\.addr == 10\.0\.2\.1 and icmp\.ident == \d+ or ip\.addr == 192\.168\.1\.10 and/);
  const lines = stage.emulator.lines();
  expect(lines.some((line) => /10\.0\.2\.1 .*echo request/.test(line))).toBe(true);
  expect(lines.some((line) => /192\.168\.1\.10 .*echo request/.test(line))).toBe(true);
  expect(
    lines.some((line) => /10\.0\.1\.1 .*echo request/.test(line)),
    "not the other guest's",
  ).toBe(false);
});

describe("for eyes of all kinds", () => {
  test.each([
    ["--ascii", { ascii: true }, /[^\x00-\x7f]/],
    ["no colour", { mono: true }, /\x1b\[[\d;]*(?:3[0-7]|9[0-7])m/],
  ])("%s: map and set-up of both modes", async (_, options, unwanted) => {
    for (const text of [ROUTED, NATTED]) {
      await opened(text, 140, 40, options);
      await stage.run(1_500);
      await stage.type(Key.tab, Key.tab, "4", Key.tab, Key.tab, Key.right);
      expect(stage.emulator.raw).not.toMatch(unwanted);
      expect(stage.text).toContain("ip_forward 1");
      stage.close();
    }
    await opened(ROUTED, 80, 24, options);
  });

  test.each([
    [60, 16],
    [100, 30],
    [200, 60],
  ])("at %dx%d every key and a click anywhere is taken", async (columns, rows) => {
    await opened(NATTED, columns, rows);
    await stage.run(1_500);
    await stage.type("l", "l", "l", "l", "j", Key.enter, "1", Key.tab, "\x1b[Z", "p", "y", "x", "]", "[");
    for (let y = 1; y < rows; y += 5) for (let x = 0; x < columns; x += 19) await stage.click(x, y);
    expect(stage.app.bench).not.toBeNull();
  });
});
