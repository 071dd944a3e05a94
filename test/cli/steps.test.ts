/** `xenlab steps`, `explain FILE` and `--telling`, as their user meets them. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { xenlab } from "../kit/cli.ts";
import { shipped } from "../kit/lab.ts";
import { bridgeTrace } from "../kit/traces.ts";

const BRIDGE = shipped("bridge.yaml");

describe("xenlab steps", () => {
  test("groups the script's commands under the ten headings, by name, each with why", () => {
    const { stdout, stderr, status } = xenlab(["steps", BRIDGE]);
    expect([status, stderr]).toEqual([0, ""]);
    for (const heading of [
      "1 create virtual bridge xenbr0",
      "2 stop physical NIC eth0",
      "3 copy MAC and IP of eth0 to veth0",
      "4 rename eth0 to peth0",
      "5 rename veth0 to eth0",
      "6 peth0 gets MAC FE:FF:FF:FF:FF:FF and ARP off",
      "7 attach peth0 and vif0.0 to xenbr0",
      "8 bring up peth0, vif0.0, xenbr0",
      "guest 1 attach vifX.0 to xenbr0",
      "guest 2 bring vifX.0 up",
    ])
      expect(stdout).toContain(`\n${heading}\n`);
    expect(stdout).toContain("from here on ping -c 1 -W 1 192.168.1.1 gets no answer: connect: Network is unreachable");
    expect(stdout).toMatch(/answered at the end; during \d+ lines of the set-up it was not\n$/);
  });

  test("--all --by script is what the real script issued, in order; the broadcast address is ours to say", () => {
    const { stdout } = xenlab(["steps", BRIDGE, "--all", "--by", "script", "--no-probe"]);
    const part = stdout.split("\nnetwork-bridge start\n")[1]!.split("\nvif-bridge online")[0]!;
    const issued = part
      .split("\n")
      .flatMap((line) => /^ {2,}\d+ {2}(\S.*)$/.exec(line)?.[1] ?? [])
      .map((line) => line.replace(/ {2}exit \d+$/, "").replace(" brd 192.168.1.255", ""));
    // The NIC needs a moment for its link, the recording's had it at once.
    const waited = issued.filter(
      (line, i) => line !== "sleep 1" && !(line === "ifconfig peth0" && issued[i - 1] === "sleep 1"),
    );
    expect(waited).toEqual([...bridgeTrace("s311").start]);
  });

  test("--state marks what a line has changed", () => {
    const { stdout } = xenlab(["steps", BRIDGE, "--by", "script", "--state", "--no-probe"]);
    expect(stdout).toMatch(/ip link set eth0 name peth0\n.*\n\s+\$ ip link\n[^$]*> 2: peth0: /);
    expect(stdout).toContain("< 2: eth0: <BROADCAST,MULTICAST>");
  });

  test("--compare tells every difference, and where both end", () => {
    const { stdout, status } = xenlab(["steps", BRIDGE, "--compare"]);
    expect(status).toBe(0);
    expect(stdout).toContain("vif0.0: down, arp off, multicast off, MAC fe:ff:ff:ff:ff:ff, addresses flushed");
    expect(stdout).toContain("eth0: stopped (ifdown), after veth0: address 192.168.1.10/24");
    expect(stdout).toMatch(/textbook {2}ping -c 1 -W 1 192\.168\.1\.1: answered/);
  });

  test("--json is the same as data, --handshake adds the states of the vifs", () => {
    const { host, steps } = JSON.parse(xenlab(["steps", BRIDGE, "--json"]).stdout) as {
      host: string;
      steps: { run: string; state: { brctl: string } }[];
    };
    expect(host).toBe("xen1");
    expect(steps.at(-1)!.state.brctl).toContain("vif2.0");
    expect(xenlab(["steps", BRIDGE, "--handshake", "--no-probe"]).stdout).toMatch(/vif1\.0 +backend Connected/);
  });

  test("a host that is not there is the user's mistake", () => {
    expect(xenlab(["steps", BRIDGE, "--host", "xen9"])).toMatchObject({
      status: 2,
      stderr: expect.stringContaining("--host xen9: no such Xen host; there is xen1"),
    });
  });
});

test("explain FILE gives cause and cure; --telling textbook runs to the end with every check", () => {
  const { stdout, status } = xenlab(["explain", shipped("trouble-dead-cable.yaml")]);
  expect(status).toBe(0);
  expect(stdout).toContain(
    "xen1: the NIC peth0 has no link, and eth0, which has the host's address, does not show it.",
  );
  expect(stdout).toContain("watch peth0, never eth0");
  const told = xenlab(["run", BRIDGE, "--telling", "textbook", "--quiet", "--capture", "none"]);
  expect(told.stdout).toContain("ok    a guest reaches the outside");
  expect(told.status).toBe(0);
});

test("explain owns that it does not know why a check fails, and says what lint knows; run keeps a line together", () => {
  const folder = mkdtempSync(join(tmpdir(), "xenlab-explain-"));
  const path = join(folder, "no-masquerade.yaml");
  const text = `networks: { lan: { kind: switch } }
hosts:
  xen1:
    vif-script: vif-nat
    sysctl: { net.ipv4.ip_forward: 1 }
    nics: { eth0: { network: lan, ip: 192.168.1.10/24 } }
    domains: { web1: { vif: ["ip=10.0.0.2"], inside: { eth0: { ip: 10.0.0.2/24, gateway: 10.0.0.1 } } } }
machines:
  outside: { nics: { eth0: { network: lan, ip: 192.168.1.1/24 } } }
scenario:
  - { at: 30s, on: web1, run: traceroute -n -q 3 -w 1 -m 1 192.168.1.1 }
checks:
  - { name: web1 has the file, on: web1, run: cat /etc/nothing }
`;
  try {
    writeFileSync(path, text);
    const { stdout } = xenlab(["explain", path]);
    expect(stdout).toContain("xenlab does not know why this failed: web1 has the file. The frames that were lost");
    expect(stdout).toContain("iptables -t nat -A POSTROUTING -o eth0 -j MASQUERADE");
    const said = xenlab(["run", path, "--quiet", "--capture", "none"]).stdout;
    expect(said).toMatch(/^web1 \| {2}1 {2}\* \* \*$/m);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
