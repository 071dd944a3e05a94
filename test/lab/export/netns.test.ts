/** The exported script: what shellcheck says of each shipped lab's, and what running one does and leaves behind. */
import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { EXPORTS } from "../../../src/lab/index.ts";
import { planOf, planOfFile, shipped } from "../../kit/lab.ts";
import { canMakeNamespaces } from "../../kit/netns.ts";
import { requireTool } from "../../kit/tools.ts";

const folder = mkdtempSync(join(tmpdir(), "xenlab-export-"));
afterAll(() => rmSync(folder, { recursive: true }));

const kind = EXPORTS.find(({ name }) => name === "netns")!;
const topologies = readdirSync(shipped("")).filter((file) => file.endsWith(".yaml"));

function script(topology: string): string {
  const file = join(folder, `${topology}.sh`);
  if (!existsSync(file)) writeFileSync(file, kind.print(planOfFile(topology)));
  return file;
}

const canRun = ["ip", "brctl", "socat", "ping", "setsid"].every(requireTool) && canMakeNamespaces();

const KILLS = `
name: kills
networks: { wan: {} }
machines: { isp: { nics: { eth0: { network: wan, ip: 203.0.113.1/24 } } } }
hosts:
  h:
    nics: { eth0: { network: wan, ip: 203.0.113.10/24 } }
    libvirt: [default]
scenario:
  - { at: 8s, on: h, run: virsh net-destroy default }
  - { at: 9s, on: h, run: "sleep 9 & kill -9 %1; kill -s 9 $!" }
  - { at: 9s, on: isp, run: "true; kill 1" }
  - { at: 9s, on: isp, run: "true; kill -s KILL 458" }
  - { at: 9s, on: isp, run: "true; sudo kill -9 -- -458" }
  - { at: 10s, on: isp, run: "P=1; kill $P || echo alive" }
checks:
  - { name: by number, on: isp, run: kill 458, expect: fail }
  - { name: its own child, on: isp, run: "sleep 60 & kill $!", expect: ok }
  - { name: not init, on: isp, run: "P=1; timeout 5 kill $P", expect: fail }
  - { name: not the group, on: isp, run: "P=0; kill -9 $P", expect: fail }
`;

/** What is there of a lab with this prefix: namespaces, files, processes. */
function remains(prefix: string): string[] {
  const { stdout } = spawnSync("ip", ["netns", "list"], { encoding: "utf8" });
  const spaces = stdout.split("\n").filter((line) => line.startsWith(`${prefix}-`));
  const files = readdirSync("/var/tmp").filter((name) => name.startsWith(prefix));
  const processes = spawnSync("pgrep", ["-f", `${prefix}[-.]`], { encoding: "utf8" });
  return [...spaces, ...files, ...processes.stdout.split("\n").filter((line) => line !== "")];
}

async function until(done: () => boolean, what: string): Promise<void> {
  for (let i = 0; i < 300; i++) {
    if (done()) return;
    await new Promise((resume) => setTimeout(resume, 100));
  }
  throw new Error(`${what}: not within 30 s`);
}

describe("a script for network namespaces", () => {
  it.skipIf(!requireTool("shellcheck"))("is nothing that shellcheck minds, whatever the topology", () => {
    const files = topologies.map(script);
    expect(files.length).toBeGreaterThan(20);
    const { status, stdout } = spawnSync("shellcheck", files, { encoding: "utf8" });
    expect(stdout).toBe("");
    expect(status).toBe(0);
  });

  it("is the same text every time", () => {
    expect(kind.print(planOfFile("bridge.yaml"))).toBe(kind.print(planOfFile("bridge.yaml")));
  });

  it("has the lines of the set-up in the order in which the emulator ran them", () => {
    const text = kind.print(planOfFile("bridge.yaml"));
    const lines = [
      "on xen1 ifconfig eth0 192.168.1.10 netmask 255.255.255.0 up",
      "on xen1 brctl addbr xenbr0",
      "on xen1 ip link set eth0 name peth0",
      "on xen1 ip link set veth0 name eth0",
      "on xen1 brctl addif xenbr0 peth0",
      "pair xen1 vif1.0 fe:ff:ff:ff:ff:ff web1 eth0 00:16:3e:00:00:01",
      "on xen1 brctl addif xenbr0 vif1.0",
      "bridged_packets xen1 1",
      "on xen1 iptables -A FORWARD -m physdev --physdev-in vif1.0 -j ACCEPT",
      "on web1 ip addr add 192.168.1.11/24 brd + dev eth0 || true",
    ];
    const places = lines.map((line) => text.indexOf(`\n${line}\n`));
    expect(places).not.toContain(-1);
    expect(places.toSorted((a, b) => a - b)).toEqual(places);
  });

  it("says what namespaces do not have", () => {
    const text = kind.print(planOfFile("bridge.yaml"));
    expect(text).toContain("# - shared rings, grants, event channels and xenstore");
    expect(text).toContain("netloop, whose carrier is always there");
    expect(text).toContain("Left out but for --shape: delay 50us, rate 1gbit.");
  });

  it("has no number of an emulated process: a line that kills by one is left out and named", () => {
    const text = kind.print(planOf(KILLS));
    expect(text).toContain("stop h /run/libvirt/network/default.pid");
    expect(text.split("\n").filter((line) => /^(?!#)(?!.*\bleft out on ).*kill [0-9]/.test(line))).toEqual([]);
    for (const line of ["kill 1", "kill -s KILL 458", "sudo kill -9 -- -458"])
      expect(text).toContain(`say 'left out on isp: true; ${line} (`);
    expect(text).toContain("at 9000 on h bash -c 'sleep 9 & kill -9 %1; kill -s 9 $!'");
    const told = text.replaceAll(/\n# +/g, " ");
    expect(told).toContain("kill 458: that number is of an emulated process, and here of somebody else");
    expect(text).toContain("unjudged 'by number' ");
  });

  it.skipIf(!canRun || !requireTool("dnsmasq"))("kills nobody but who runs on the machine", () => {
    const file = join(folder, "kills.sh");
    writeFileSync(file, kind.print(planOf(KILLS)));
    const prefix = `xlt${process.pid}kill`;
    // A world of its own, should it kill after all.
    const done = spawnSync("unshare", ["--pid", "--fork", "--mount-proc", "bash", file, "--check"], {
      encoding: "utf8",
      env: { ...process.env, XENLAB_PREFIX: prefix },
    });
    expect(done.stdout.split("\n").filter((line) => line !== "" && !line.startsWith("-"))).toEqual([
      "alive",
      "ok    its own child",
      "ok    not init",
      "ok    not the group",
    ]);
    expect(done.stderr).toContain("kill: (1) - no process of this machine");
    expect(done.stderr, "dnsmasq was there to be stopped").not.toContain("nothing to stop");
    expect(done.status, done.stderr).toBe(0);
    expect(remains(prefix)).toEqual([]);
  });

  it.skipIf(!canRun)("says which of its lines failed", () => {
    const file = join(folder, "failing.sh");
    const text = kind.print(planOfFile("bridge-xl.yaml")).replace("\nbooting=()\n", "\nbooting=()\non web1 false\n");
    writeFileSync(file, text);
    const env = { ...process.env, XENLAB_PREFIX: `xlt${process.pid}fail` };
    const { status, stderr } = spawnSync("bash", [file], { encoding: "utf8", env });
    const line = text.split("\n").indexOf("on web1 false") + 1;
    expect(stderr.trimEnd().split("\n").at(-1)).toBe(
      `${env.XENLAB_PREFIX}: line ${line} of ${file} failed: on web1 false`,
    );
    expect(status).toBe(1);
    expect(remains(env.XENLAB_PREFIX)).toEqual([]);
  });

  it.skipIf(!canRun)("builds the lab, judges its checks and leaves nothing behind", () => {
    const prefix = `xlt${process.pid}a`;
    const done = spawnSync("bash", [script("bridge-xl.yaml"), "--check"], {
      encoding: "utf8",
      env: { ...process.env, XENLAB_PREFIX: prefix },
    });
    expect(done.stdout.split("\n").filter((line) => line.startsWith("ok "))).toEqual([
      "ok    guests reach each other",
      "ok    a guest reaches dom0",
      "ok    a guest reaches the outside",
      "ok    a fragmented ping comes back whole",
      "ok    nobody answers for an address that nobody has",
    ]);
    expect(done.status, done.stderr).toBe(0);
    expect(remains(prefix)).toEqual([]);
  });

  it.skipIf(!canRun).each(["SIGTERM", "SIGINT", "SIGKILL"] as const)(
    "leaves nothing behind when %s ends it half-way",
    async (signal) => {
      const prefix = `xlt${process.pid}${signal.toLowerCase()}`;
      const running = spawn("bash", [script("bridge-xl.yaml"), "--check"], {
        stdio: "ignore",
        env: { ...process.env, XENLAB_PREFIX: prefix },
      });
      const ended = new Promise((resume) => running.on("exit", resume));
      await until(() => remains(prefix).includes(`${prefix}-web1`), "the first namespaces");
      running.kill(signal);
      await ended;
      await until(() => remains(prefix).length === 0, `${signal}: ${remains(prefix)}`);
    },
  );

  it.skipIf(!canRun)("shapes cables and vifs with --shape, as far as the kernel can, and says where it cannot", () => {
    const prefix = `xlt${process.pid}shape`;
    const run = (option: string) =>
      spawnSync("bash", [script("bridge-busy.yaml"), ...option.split(" ")], {
        encoding: "utf8",
        env: { ...process.env, XENLAB_PREFIX: prefix },
      });
    const { stderr, status } = run("--keep --shape");
    try {
      expect(status, stderr).toBe(0);
      const shown = (machine: string, device: string): string =>
        spawnSync("tc", ["-n", `${prefix}-${machine}`, "qdisc", "show", "dev", device], { encoding: "utf8" }).stdout;
      expect(shown("web1", "eth0"), "rate=400Kb/s").toMatch(/qdisc tbf .* rate 400Kbit /);
      expect(shown("web2", "eth0"), "no rate").not.toContain("tbf");
      // What this kernel has not got it has been told.
      if (stderr.includes("xen1 goes unshaped"))
        expect(stderr).toContain("dev eth0 root netem delay 200us rate 100mbit");
      else expect(shown("xen1", "eth0")).toMatch(/qdisc netem .* delay 200us .*rate 100Mbit/);
    } finally {
      expect(run("--down").status).toBe(0);
    }
    expect(remains(prefix)).toEqual([]);
  });

  it.skipIf(!canRun)("keeps the lab standing with --keep, and --down takes it away", () => {
    const prefix = `xlt${process.pid}keep`;
    const run = (option: string) =>
      spawnSync("bash", [script("bridge-xl.yaml"), option], {
        encoding: "utf8",
        env: { ...process.env, XENLAB_PREFIX: prefix },
      });
    const kept = run("--keep");
    try {
      expect(kept.stdout).toContain(`ip netns exec ${prefix}-MACHINE bash`);
      const ping = spawnSync("ip", ["netns", "exec", `${prefix}-web1`, "ping", "-c", "1", "192.168.1.102"]);
      expect(ping.status).toBe(0);
      expect(run("").stderr, "the same prefix again").toContain("unknown option");
      expect(run("--check").stderr).toContain(`begin with ${prefix}-`);
    } finally {
      expect(run("--down").status).toBe(0);
    }
    expect(remains(prefix)).toEqual([]);
    expect(run("--down").status, "there is nothing to take down any more").toBe(1);
  });

  it.skipIf(!canRun)("names the tools that are missing, and makes nothing", () => {
    const prefix = `xlt${process.pid}none`;
    const bin = mkdtempSync(join(folder, "bin-"));
    for (const tool of ["ip", "awk", "setsid", "setpriv", "mount", "sysctl", "rm"])
      spawnSync("sh", ["-c", `ln -s "$(command -v ${tool})" ${bin}/`]);
    const done = spawnSync("/bin/bash", [script("bridge-xl.yaml")], {
      encoding: "utf8",
      env: { PATH: bin, XENLAB_PREFIX: prefix },
    });
    expect(done.status).toBe(3);
    expect(done.stderr).toContain("needs brctl (of the package bridge-utils)");
    expect(done.stderr).toContain("needs socat (of the package socat)");
    expect(remains(prefix)).toEqual([]);
  });
});
