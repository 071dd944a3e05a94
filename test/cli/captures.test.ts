/** Captures from the command line: what `run --capture` asks for, and what `:capture` of the shell switches. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { ShellCaptures } from "../../src/cli/shell-captures.ts";
import { readCapture } from "../../src/lab/capture/reader.ts";
import type { Lab } from "../../src/lab/index.ts";
import { xenlab } from "../kit/cli.ts";
import { labUp, planOfFile, shipped, type } from "../kit/lab.ts";
import { requireTool } from "../kit/tools.ts";
import { run as tool, tshark } from "../lab/capture/sample.ts";

const folder = mkdtempSync(join(tmpdir(), "xenlab-captures-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const captures = (out: string): string[] =>
  existsSync(out) ? readdirSync(out).filter((name) => !name.startsWith(".")) : [];
const packets = (path: string): number => readCapture(readFileSync(path)).packets.length;

describe("run --capture", () => {
  const ALL = ["outside-eth0", "web1-eth0", "web2-eth0", "xen1-eth0", "xen1-vif1.0", "xen1-vif2.0", "xen1-xenbr0"];
  const withEnd = (names: readonly string[], end: string): string[] => names.map((name) => `${name}.${end}`);

  test.each<[string, readonly string[], readonly string[]]>([
    [
      "two points",
      ["--capture", "xen1:vif1.0", "--capture", "web1:eth0"],
      withEnd(["web1-eth0", "xen1-vif1.0"], "pcapng"),
    ],
    ["two points in one word", ["--capture", "xen1:vif1.0,web1:eth0"], withEnd(["web1-eth0", "xen1-vif1.0"], "pcapng")],
    [
      "one point and the merged file",
      ["--capture", "xen1:vif1.0", "--merged"],
      withEnd(["merged", "xen1-vif1.0"], "pcapng"),
    ],
    ["all as classic pcap", ["--capture", "all", "--format", "pcap"], withEnd(ALL, "pcap")],
    ["all, merged", ["--capture", "all", "--merged"], withEnd(["merged", ...ALL], "pcapng")],
    ["all wins over a point", ["--capture", "xen1:vif1.0,all"], withEnd(ALL, "pcapng")],
    ["a device that never comes", ["--capture", "xen1:vif9.0,web1:eth0"], withEnd(["web1-eth0"], "pcapng")],
    ["none", ["--capture", "none"], []],
  ])("%s", (name, args, expected) => {
    const out = join(folder, name);
    const { stdout, status } = xenlab(["run", shipped("bridge-xl.yaml"), "--quiet", "--out", out, ...args]);
    const isMissing = args.join().includes("xen1:vif9.0");
    expect(status, "a device that was asked for and never came is a mistake").toBe(isMissing ? 2 : 0);
    expect(captures(join(out, "bridge-xl")).sort()).toEqual([...expected].sort());
    for (const file of expected) expect(packets(join(out, "bridge-xl", file)), file).toBeGreaterThan(0);
    expect(/no such device came up: xen1-vif9\.0\.pcapng/.test(stdout)).toBe(isMissing);
    expect(existsSync(out), "a folder is made where something goes into it").toBe(expected.length > 0);
  });
});

test("a device that was asked for and never came: the result is one document all the same", () => {
  const out = join(folder, "one-document");
  const words = ["run", shipped("bridge-short.yaml"), "--json", "--capture", "xen1:vif9.0", "--out", out];
  const { stdout, stderr, status } = xenlab(words);
  expect(JSON.parse(stdout)).toMatchObject({ topology: "bridge-short", ok: true });
  expect(stderr).toContain("xenlab: --capture xen1:vif9.0: no such device came up on xen1; there are lo, eth0");
  expect(status).toBe(2);
});

describe("the shell's :capture", () => {
  const shell = (out: string, ...lines: string[]) =>
    xenlab(["shell", shipped("bridge-xl.yaml"), "--out", out], { input: `${lines.join("\n")}\n` });

  test("is in its help", () => {
    expect(shell(folder, ":help").stdout).toMatch(/:capture POINT .*\n.*:nocapture POINT/);
  });

  test("lists the points; without one switched on no folder is made", () => {
    const out = join(folder, "listed");
    const { stdout, status } = shell(out, ":capture", "ping -c 1 192.168.1.101 > /dev/null");
    expect(status).toBe(0);
    expect(stdout).toMatch(/^STATE +FRAMES +POINT +KIND +WHERE\n/);
    expect(stdout).toMatch(/^off +0 +xen1:vif1\.0 +vif +web1's eth0 as dom0 sees it$/m);
    expect(existsSync(out)).toBe(false);
  });

  test.skipIf(!requireTool("tshark"))("on, off and on with another filter is one file that tshark reads", () => {
    const out = join(folder, "switched");
    const ping = "@web1\nping -c 1 192.168.1.102 > /dev/null\nip neigh flush all\nping -c 1 192.168.1.102 > /dev/null";
    const { stdout, stderr, status } = shell(
      out,
      ":capture xen1:vif1.0 icmp",
      ping,
      ":capture -xen1:vif1.0",
      ping,
      ":capture xen1:vif1.0 arp or udp",
      ping,
      ":capture",
      ":nocapture xen1:vif1.0",
    );
    const path = join(out, "bridge-xl", "xen1-vif1.0.pcapng");
    expect([stderr, status]).toEqual(["", 0]);
    expect(stdout).toContain(`xen1:vif1.0 goes to ${path}\n`);
    expect(stdout).toContain(`xen1:vif1.0: 4 frames in ${path}\n`);
    expect(stdout).toMatch(/^on +\d+ +xen1:vif1\.0 .*; filter: arp or udp$/m);
    const { rows, output } = tshark(path, ["frame.interface_id", "frame.protocols"]);
    expect(output.status).toBe(0);
    const on = (id: string): string[] => rows.filter((row) => row[0] === id).map((row) => row[1]!.split(":")[2]!);
    expect(on("0")).toEqual(["ip", "ip", "ip", "ip"]);
    expect(new Set(on("1"))).toEqual(new Set(["arp"]));
    expect(tool("capinfos", ["-Mo", path]).stdout).toMatch(/Strict time order:\s+True/);
    expect(tool("tshark", ["-r", path, "-q", "-z", "expert,warn"]).stdout.trim()).toBe("");
  });

  test("waits for a device, and follows it through a reboot", () => {
    const out = join(folder, "waited");
    const { stdout, status } = shell(
      out,
      ":capture web1:eth0 icmp",
      ":capture xen1:vif3.0 icmp",
      "xl destroy web1; xl create -q /etc/xen/web1.cfg",
      ":run 5s",
      "ping -c 1 192.168.1.101 > /dev/null",
    );
    expect(status).toBe(0);
    expect(stdout).toContain("xen1:vif3.0 is captured as soon as there is such a device\n");
    for (const name of ["web1-eth0.pcapng", "xen1-vif3.0.pcapng"])
      expect(packets(join(out, "bridge-xl", name))).toBe(2);
  });

  test("a mistake is a sentence, with the place in a filter, and makes no folder", () => {
    const out = join(folder, "mistaken");
    const { stderr, status } = shell(
      out,
      ":capture xen1:vif1.0 arp or icmpp",
      ":capture xen1",
      ":nocapture xen1:vif1.0",
      ":nocapture",
    );
    expect(status).toBe(2);
    expect(stderr).toBe(
      [
        "can't parse filter expression: syntax error at 'icmpp'; did you mean 'icmp'?",
        "  arp or icmpp",
        "         ^",
        "a point is a machine and a device, such as xen1:vif1.0",
        "xen1:vif1.0 is not captured",
        "which point?",
        "",
      ].join("\n"),
    );
    expect(existsSync(out)).toBe(false);
  });
});

describe("captures whose folder is removed", () => {
  const opened = (out: string): { readonly lab: Lab; readonly shell: ShellCaptures } => {
    const plan = { ...planOfFile("bridge-xl.yaml"), capture: { all: false, points: [] } };
    const lab = labUp(plan, { capture: { format: "pcapng", merged: false } });
    return { lab, shell: new ShellCaptures(lab, out) };
  };

  test("are a sentence, are off, and do not begin again in the middle of a file", () => {
    const out = join(folder, "removed");
    const { lab, shell } = opened(out);
    shell.take("xen1:vif1.0");
    shell.take("web9:eth0");
    shell.drain(true);
    rmSync(out, { recursive: true });
    type(lab, "web1", "ping -c 1 192.168.1.102");
    expect(() => shell.drain(true)).toThrow(
      `${join(out, "xen1-vif1.0.pcapng")}: it was removed while the lab was running\nnothing is captured any more`,
    );
    expect(lab.captures!.points.filter(({ state }) => state === "on" || state === "waiting")).toEqual([]);
    expect(lab.captures!.pending).toBe(0);
    expect(() => shell.take("xen1:vif1.0")).toThrow(/was removed while the lab was running: leave and begin again$/);
    expect(existsSync(out)).toBe(false);
  });

  test("a folder that cannot be made leaves the point off", () => {
    const { lab, shell } = opened(join(shipped("bridge-xl.yaml"), "captures"));
    expect(() => shell.take("xen1:vif1.0")).toThrow(
      /captures cannot be written: a part of this path is a file and no folder$/,
    );
    expect(lab.captures!.points.filter(({ state }) => state === "on")).toEqual([]);
  });
});
