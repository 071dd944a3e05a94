/**
 * vif-route and vif-nat of every era: the commands they issue, in order, and how they end are those of the real scripts; and
 * the state they leave on a host of Xen 4.17 is the recorded one.
 */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { Lab } from "../../../src/lab/index.ts";
import type { SpawnOptions } from "../../../src/machine/process.ts";
import { counted, judges } from "../../kit/fidelity.ts";
import { labUp, planOf, type as typed } from "../../kit/lab.ts";
import { routeNatRuns } from "../../kit/traces.ts";

judges("vif-route");

const host = (era: string): string => `
networks: { lan: {} }
hosts:
  xen1:
    xen: "${era}"
    ${era === "4.17" ? "bridges: { }" : "network-script: none"}
    nics: { eth0: { network: lan, ip: 192.168.1.10/24, gateway: 192.168.1.1 } }
`;

const BACKEND = "/local/domain/0/backend/vif/1/0";

/** The host before a script: a vif and a tap that are veths, xenstore as netback and the toolstack leave it. */
class Bench {
  readonly lab: Lab;
  readonly commands: string[] = [];

  constructor(era: string, given: string) {
    this.lab = labUp(planOf(host(era)));
    const machine = this.lab.machine("xen1");
    const { store } = machine.parts.xen!;
    for (const device of ["vif1.0", "vif1.0-emu"])
      this.type(`ip link add ${device} type veth peer name ${device.replace("vif", "peer")}`);
    const ip = /^ip=([\d./ ]*)/.exec(given)![1]!.trim();
    const keys = { domain: "web_1", "frontend-id": "1", handle: "0", mac: "00:16:3e:00:00:01", ip };
    for (const [key, value] of Object.entries(keys))
      if (value !== "" && !(key === "handle" && given.endsWith("no handle"))) store.write(`${BACKEND}/${key}`, value);
    if (given.endsWith("no address")) this.type("ip addr flush dev eth0");
    if (given.endsWith("route taken"))
      this.type("ip route add 192.168.1.50 dev eth0 metric 2; ip route add 192.168.1.50 dev eth0");
    const spawn = machine.spawn.bind(machine);
    machine.spawn = (argv: readonly string[], options: SpawnOptions = {}) => {
      const line = argv.join(" ");
      if (options.parent?.name.startsWith("/etc/xen/scripts/")) this.commands.push(line);
      return spawn(argv, options);
    };
  }

  type(line: string): { readonly code: number; readonly stdout: string; readonly stderr: string } {
    return typed(this.lab, "xen1", line);
  }

  run(script: string, verb: string, kind: string, given: string): number {
    const extra = given.split(" ").filter((word) => /^(netdev|dhcp)=/.test(word));
    const environment = ["vif=vif1.0", "INTERFACE=vif1.0-emu", "XENBUS_PATH=backend/vif/1/0", ...extra].join(" ");
    return this.type(`${environment} /etc/xen/scripts/${script} ${verb} type_if=${kind}`).code;
  }
}

/** Reads of xenstore are not in the recordings, nor is what the shell writes by itself. */
const isShown = (line: string): boolean => !line.startsWith("xenstore-read") && !line.startsWith("bash -c");

const RUNS = routeNatRuns();

test("every era, both scripts and every verb are in the recordings", () => {
  expect(RUNS.length).toBeGreaterThanOrEqual(50);
  for (const era of ["3.0", "3.1", "4.2", "4.17"])
    for (const script of ["vif-route", "vif-nat"])
      expect(new Set(RUNS.filter((run) => run.era === era && run.script === script).map(({ verb }) => verb))).toEqual(
        new Set(era.startsWith("3") ? ["online", "offline"] : ["online", "offline", "add", "remove"]),
      );
});

test.each(RUNS)("$title", ({ era, script, verb, kind, code, given, commands }) => {
  const bench = new Bench(era, given);
  // What came before in the recording.
  if (verb === "offline" || given.endsWith("again")) bench.run(script, "online", kind, given);
  if (verb === "remove") bench.run(script, "add", kind, given);
  bench.commands.length = 0;
  expect(bench.run(script, verb, kind, given)).toBe(code);
  const issued = bench.commands.filter(isShown).map((line) => line.replaceAll(`/etc/xen/scripts/${script}`, "SCRIPT"));
  expect(issued.map((line) => line.trimEnd())).toEqual(commands.map((line) => line.trimEnd()));
  counted("vif-route", "runs");
});

/** What had been run before in the recording. */
const BEFORE: Readonly<Record<string, readonly (readonly [verb: string, kind: string])[]>> = {
  "vif-route online": [],
  "vif-route add": [["online", "vif"]],
  "vif-route offline": [
    ["online", "vif"],
    ["add", "tap"],
  ],
  "vif-nat online": [],
  "vif-nat offline": [["online", "vif"]],
};

describe("the state that 4.17 leaves is the recorded one", () => {
  const sections = readFileSync(new URL("../../fixtures/xen-traces.txt", import.meta.url), "utf8")
    .split("\n== ")
    .slice(1);
  const cases = sections
    .map((each) => each.trimEnd().split("\n"))
    .filter(([title]) => /^vif-(route|nat) .*rc=0/.test(title!))
    .map(([title, ...lines]) => ({ title: title!, lines }));

  test("there are five of them", () => {
    expect(cases.map(({ title }) => title.split(" rc=")[0])).toEqual([
      "vif-route online type_if=vif",
      "vif-route add type_if=tap",
      "vif-route offline type_if=vif",
      "vif-nat online type_if=vif",
      "vif-nat offline type_if=vif",
    ]);
  });

  test.each(cases)("$title", ({ title, lines }) => {
    const [, script, verb, kind, ip] = /^(\S+) (\w+) type_if=(\w+) rc=0 \(ip=(.*) bridge=\)$/.exec(title)!;
    const bench = new Bench("4.17", `ip=${ip}`);
    bench.type("ip route del default; ip link set peer1.0 up");
    const before = BEFORE[`${script} ${verb}`]!;
    for (const [word, type] of before) expect(bench.run(script!, word, type, `ip=${ip}`)).toBe(0);
    bench.commands.length = 0;
    expect(bench.run(script!, verb!, kind!, `ip=${ip}`)).toBe(0);
    const recorded = lines.filter((line) => /^(ip|ifconfig|iptables|xenstore-write) /.test(line));
    // The recording's ifdown was no program that could be seen.
    const issued = bench.commands.filter((line) => isShown(line) && !line.startsWith("ifdown"));
    expect(issued).toEqual(recorded.map((line) => line.trimEnd()));
    const rest = lines.slice(recorded.length);
    const addresses = rest.filter((line) => /^\d+: /.test(line)).map((line) => line.replace(/^\d+: /, "").trim());
    const own = bench
      .type("ip -4 -o addr show")
      .stdout.split("\n")
      .filter((line) => line !== "" && !/: lo /.test(line))
      .map((line) =>
        line
          .replace(/^\d+: /, "")
          .replace(" brd 192.168.1.255", "")
          .trim(),
      );
    expect(own).toEqual(addresses);
    const routes = bench
      .type("ip route")
      .stdout.split("\n")
      .filter((line) => line !== "");
    const theirs = rest.filter((line) => / dev /.test(line));
    expect(routes.map((line) => line.replace(/ linkdown/, "").trim())).toEqual(theirs.map((line) => line.trim()));
    expect(bench.type(`cat /proc/sys/net/ipv4/conf/vif1.0/proxy_arp`).stdout).toBe(`${rest.at(-1)!}\n`);
  });
});
