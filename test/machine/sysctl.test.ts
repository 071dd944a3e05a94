/** sysctl beside procps-ng's own, which runs in a network namespace of its own. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { Loopback } from "../../src/device/loopback.ts";
import type { Machine } from "../../src/machine/machine.ts";
import { judges } from "../kit/fidelity.ts";
import { newMachine, started, typed } from "./on-machine.ts";

judges("dig");

const CONF =
  "net.ipv4.ip_forward = 1\n# comment\n; another\n\n-net.foo = 1\nnet.bar=2\nbroken\nnet.ipv4.conf.all.proxy_arp=1\n";
const scratch = mkdtempSync(join(tmpdir(), "xenlab-sysctl-"));
const conf = join(scratch, "sysctl.conf");
writeFileSync(conf, CONF);
afterAll(() => rmSync(scratch, { recursive: true }));

function newMachineWithConf(): Machine {
  const machine = newMachine();
  if (machine.table.find("lo") === null) machine.table.register(new Loopback(machine.table));
  machine.files.makePath(scratch);
  machine.files.write(conf, CONF);
  return machine;
}

const CASES = [
  "net.ipv4.ip_forward",
  "-n net.ipv4.ip_forward",
  "-N net.ipv4.ip_forward",
  "net/ipv4/ip_forward",
  "net.foo",
  "-e net.foo",
  "net.ipv4.ip_forward=1",
  "-w net.ipv4.ip_forward=1 net.ipv4.conf.all.proxy_arp=1",
  "-q -w net.ipv4.ip_forward=1",
  "-n net.ipv4.ip_forward=1",
  "-w net.ipv4.ip_forward",
  "-w net.ipv4.ip_forward 1",
  "-w a b=1",
  "-w",
  "net.ipv4.ip_forward=foo",
  "net.ipv4.foo=1",
  "net/ipv4/conf/lo/proxy_arp",
  "net.ipv4.conf.lo.proxy_arp",
  `-p ${conf}`,
  "-p /nonexistent",
]
  .map((line) => line.split(" "))
  // Blanks around name and value, in one word.
  .concat([
    ["-w", "net.ipv4.ip_forward = 1"],
    ["-w", " net.ipv4.ip_forward =  0  "],
    ["net.ipv4.ip_forward = 1"],
    ["net.ipv4.ip_forward "],
  ]);

const canUnshare = spawnSync("unshare", ["-n", "sysctl", "-n", "net.ipv4.ip_forward"]).status === 0;

describe.skipIf(!canUnshare)("as procps does it", () => {
  test.each(CASES.map((argv) => [argv.join(" "), argv] as const))("sysctl %s", (_, argv) => {
    const done = spawnSync("unshare", ["-n", "sysctl", ...argv], { encoding: "utf8" });
    const { out, err, code } = started(newMachineWithConf(), "sysctl", ...argv);
    expect({ out, err, code }).toEqual({ out: done.stdout, err: done.stderr, code: done.status });
  });
});

/** Of the settings of devices and ip_forward, each file that a line changed. */
function changes(before: string, after: string): string[] {
  const then = new Set(before.split("\n"));
  return after.split("\n").filter((line) => /^net\.ipv[46]\.(conf\.|ip_forward )/.test(line) && !then.has(line));
}

describe.skipIf(!canUnshare)("what one write changes elsewhere, as in the kernel", () => {
  test.each([
    [["net.ipv4.ip_forward=1"], ["net.ipv4.ip_forward=0"]],
    [["net.ipv4.conf.all.forwarding=1"], ["net.ipv4.conf.lo.forwarding=0"], ["net.ipv4.conf.all.accept_redirects=1"]],
    [["net.ipv4.conf.default.forwarding=1"], ["net.ipv4.conf.default.accept_source_route=0"]],
    [["net.ipv6.conf.all.forwarding=1"], ["net.ipv6.conf.lo.forwarding=0"], ["net.ipv6.conf.default.forwarding=0"]],
    [["net.ipv6.conf.default.disable_ipv6=1"], ["net.ipv6.conf.all.disable_ipv6=1"], ["net.ipv6.conf.all.autoconf=0"]],
    [["net.ipv4.conf.lo.proxy_arp=1"], ["net.ipv4.conf.all.proxy_arp=1"], ["net.ipv4.conf.default.proxy_arp=1"]],
  ])("%j %j", (...writes) => {
    const script = writes.map(([write]) => `sysctl -qw ${write}; sysctl -a 2>/dev/null; echo ===`).join("\n");
    const real = spawnSync("unshare", ["-n", "sh", "-c", `sysctl -a 2>/dev/null; echo ===\n${script}`], {
      encoding: "utf8",
    }).stdout.split("===\n");
    const machine = newMachineWithConf();
    const ours = ["", ...writes.map(([write]) => `sysctl -qw ${write}; `)].map(
      (line) => typed(machine, `${line}sysctl -a`).out,
    );
    const steps = (states: readonly string[]): string[][] => writes.map((_, i) => changes(states[i]!, states[i + 1]!));
    expect(steps(ours)).toEqual(steps(real));
    expect(steps(real).flat().length).toBeGreaterThan(1);
  });
});

test("sysctl -a lists every file of the namespace by name", () => {
  const machine = newMachineWithConf();
  const lines = typed(machine, "sysctl -a").out.trimEnd().split("\n");
  expect(lines.length).toBe(machine.net.sysctls.list().length + 4);
  expect(lines).toContain("net.ipv4.ip_forward = 0");
  expect(lines).toContain("kernel.hostname = vm");
});

test("an unknown option gets the help, as procps gives it", () => {
  const { err, code } = typed(newMachine(), "sysctl -z");
  expect(err).toMatch(/^sysctl: invalid option -- 'z'\n\nUsage:/);
  expect(code).toBe(1);
});
