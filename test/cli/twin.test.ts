/** `xenlab twin`, as its user meets it: equal, different, impossible, interrupted; and nothing is left of the real side. */
import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { CLI, TSX } from "../kit/cli.ts";
import { judges } from "../kit/fidelity.ts";
import { canMakeNamespaces } from "../kit/netns.ts";
import { requireTool } from "../kit/tools.ts";

judges("twin");

const canRun = ["ip", "brctl", "ping", "tcpdump", "flock"].every(requireTool) && canMakeNamespaces();
const folder = mkdtempSync(join(tmpdir(), "xenlab-twin-test-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** The smallest lab with a bridge, a guest, one that leaves its device down, and somebody outside. */
const SMALL = `
name: small
networks: { lan: { kind: switch } }
hosts:
  xen1:
    xen: "4.17"
    distro: debian
    nics: { eth0: { network: lan, mac: "00:30:48:aa:bb:01" } }
    bridges: { xenbr0: { ports: [eth0], ip: 10.0.0.10/24 } }
    domains:
      web1: { vif: ["mac=00:16:3e:00:00:01,bridge=xenbr0"], inside: { eth0: { ip: 10.0.0.11/24 } } }
      web2: { vif: ["mac=00:16:3e:00:00:02,bridge=xenbr0"] }
machines:
  gw: { nics: { eth0: { network: lan, mac: "00:50:56:00:00:01", ip: 10.0.0.1/24 } } }
scenario:
  - { at: 2s, on: web1, run: ping -c 2 10.0.0.1 }
checks:
  - { name: domain 0 is reached, on: web1, run: ping -c 1 10.0.0.10, expect: ok }
`;

/** One frame more where the kernel says that it is 6.1: in the emulator. */
const DIFFERENT = `${SMALL}  - { name: "", on: web1, run: "uname -r | grep 6.1.0-18 && ping -c 1 -s 9 10.0.0.1", expect: ok }\n`;

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

let runs = 0;
/** A run's own name for its namespaces, and its own folder for what it keeps. */
const surroundings = () => ({
  ...process.env,
  NO_COLOR: "1",
  TMPDIR: folder,
  XENLAB_PREFIX: `xlt${process.pid}n${runs++}`,
});

function twin(args: readonly string[]) {
  const env = surroundings();
  const said = spawnSync(TSX, [CLI, "twin", ...args], { encoding: "utf8", maxBuffer: 1 << 28, timeout: 240_000, env });
  return { ...said, left: leftOver(env.XENLAB_PREFIX) };
}

const leftOver = (prefix: string): string[] => [
  ...spawnSync("ip", ["netns", "list"], { encoding: "utf8" })
    .stdout.split("\n")
    .filter((line) => line.startsWith(prefix)),
  ...readdirSync("/var/tmp").filter((name) => name.startsWith(prefix)),
  ...readdirSync(folder).filter((name) => name.startsWith("xenlab-twin-")),
];

describe.skipIf(!canRun)("xenlab twin", () => {
  it("finds both worlds equal, frame by frame and look by look", { timeout: 300_000 }, () => {
    const { stdout, stderr, status, left } = twin([file("small.yaml", SMALL), "--json"]);
    expect(stderr).toBe("");
    const report = JSON.parse(stdout);
    expect(report.rows.filter((row: { difference: unknown }) => row.difference !== null)).toEqual([]);
    expect(status).toBe(0);
    const frames = report.rows.filter((row: { what: string }) => row.what === "frames");
    expect(frames.map((row: { place: string }) => row.place)).toEqual([
      "gw:eth0",
      "web1:eth0",
      "xen1:eth0",
      "xen1:vif1.0",
      "xen1:vif2.0",
      "xen1:xenbr0",
    ]);
    for (const { place, counts } of frames)
      expect(counts[0], "there is something to compare").toBeGreaterThan(place === "xen1:vif2.0" ? 0 : 3);
    expect(report.normalisations["ip-id"]).toEqual({
      hits: expect.any(Number),
      reason: expect.stringContaining("chance"),
    });
    expect(report.normalisations["ip-id"].hits).toBeGreaterThan(10);
    expect(report.normalisations.time.hits, "throughout").toBe(null);
    expect(report.leftOut).toEqual([]);
    expect(report.noTwin.join()).toContain("rings");
    expect(left).toEqual([]);
  });

  it("shows the first difference with both sides, and says so by its exit code", { timeout: 300_000 }, () => {
    const { stdout, status, left } = twin([file("different.yaml", DIFFERENT)]);
    expect(stdout).toMatch(/web1:eth0 +frames +DIFFERS: frame \d+: only in the emulator/);
    expect(stdout).toMatch(/emulator {2}00:16:3e:00:00:01 > 00:50:56:00:00:01, .*ICMP echo request/);
    expect(stdout).toMatch(/kernel +\(nothing; there were \d+\)/);
    expect(stdout).toMatch(/\d+ of \d+ comparisons differ/);
    expect(status).toBe(1);
    expect(left).toEqual([]);
  });

  it("says what is missing", () => {
    const env = surroundings();
    const bin = mkdtempSync(join(folder, "bin-"));
    for (const tool of [
      "node",
      "bash",
      "unshare",
      "true",
      "ip",
      "awk",
      "setsid",
      "setpriv",
      "mount",
      "sysctl",
      "rm",
      "tcpdump",
    ])
      spawnSync("sh", ["-c", `ln -s "$(command -v ${tool})" ${bin}/`]);
    spawnSync("sh", ["-c", `ln -sf ${process.execPath} ${bin}/node`]);
    const { stderr, status } = spawnSync(
      process.execPath,
      ["--import", "tsx", CLI, "twin", file("small.yaml", SMALL)],
      {
        encoding: "utf8",
        env: { ...env, PATH: bin },
        timeout: 120_000,
      },
    );
    expect(stderr).toContain("xenlab: the real side cannot run: needs brctl (of the package bridge-utils)");
    expect(status).toBe(2);
    expect(leftOver(env.XENLAB_PREFIX)).toEqual([]);
  });

  it.each(["SIGINT", "SIGTERM"] as const)("leaves nothing behind after %s", { timeout: 120_000 }, async (signal) => {
    const env = surroundings();
    const left = (): string[] => leftOver(env.XENLAB_PREFIX);
    const running = spawn(process.execPath, ["--import", "tsx", CLI, "twin", file("small.yaml", SMALL)], {
      stdio: "ignore",
      env,
    });
    const ended = new Promise<number | null>((resume) => running.on("exit", resume));
    const started = (): boolean => left().some((line) => line.includes("web1"));
    for (let i = 0; i < 600 && !started(); i++) await new Promise((resume) => setTimeout(resume, 100));
    running.kill(signal);
    expect(await ended).toBe(signal === "SIGINT" ? 130 : 143);
    for (let i = 0; i < 50 && left().length > 0; i++) await new Promise((resume) => setTimeout(resume, 100));
    expect(left()).toEqual([]);
  });
});
