/** dhclient(8) of isc-dhcp 4.4.3-P1: its options. What it does stands in program/dhcp-client/dhclient.ts. */
import type { Command } from "../command.ts";
import type { Process } from "../process.ts";
import { DaemonFront } from "../program/daemon-front.ts";
import { Dhclient } from "../program/dhcp-client/dhclient.ts";
import { BANNER, type DhclientSettings, FATAL } from "../program/dhcp-client/dhclient-words.ts";

const USAGE = `Usage: dhclient [-4|-6] [-SNTPRI1dvrxi] [-nw] [-p <port>] [-D LL|LLT]
                [--dad-wait-time <seconds>] [--prefix-len-hint <length>]
                [--decline-wait-time <seconds>]
                [--address-prefix-len <length>]
                [-s server-addr] [-cf config-file]
                [-df duid-file] [-lf lease-file]
                [-pf pid-file] [--no-pid] [-e VAR=val]
                [-sf script-file] [interface]*
       dhclient {--version|--help|-h}
`;
const NOT_MODELLED: ReadonlySet<string> = new Set([
  ...["-6", "-S", "-N", "-T", "-P", "-R", "-I", "-p", "-D", "-g", "-i", "-w", "-n", "-B", "-C", "-s"],
  ...["-cf", "-df", "-e", "-sf", "-E", "-F", "--dad-wait-time", "--prefix-len-hint", "--decline-wait-time"],
  ...["--address-prefix-len", "--timeout", "--request-options"],
]);

export const dhclient: Command = {
  name: "dhclient",
  summary: "Dynamic Host Configuration Protocol client (ISC).",
  usage: "dhclient [-v] [-d|-nw] [-1] [-r|-x] [-lf lease-file] [-pf pid-file] [interface]",
  options: [
    { flag: "-v", text: "say what happens" },
    { flag: "-d", text: "stay in the foreground" },
    { flag: "-nw", text: "go into the background before there is a lease" },
    { flag: "-1", text: "try once; exit with 2 when there is no lease" },
    { flag: "-r", text: "release the lease and stop the running client" },
    { flag: "-x", text: "stop the running client without releasing the lease" },
    { flag: "-q", text: "be quiet, which it is" },
    { flag: "-4", text: "IPv4" },
    { flag: "-lf <file>", text: "the lease file (/var/lib/dhcp/dhclient.leases)" },
    { flag: "-pf <file>", text: "the pid file (/run/dhclient.pid)" },
    { flag: "--no-pid", text: "no pid file" },
    { flag: "--version", text: "show the version" },
  ],
  operands: ["interface"],
  start(process) {
    const settings = read(process);
    if (typeof settings === "number") return settings;
    return settings.does === "run" && settings.staysInForeground
      ? new Dhclient(settings)
      : new DaemonFront(new Dhclient(settings));
  },
};

const FLAGS: ReadonlySet<string> = new Set(["-v", "-d", "-nw", "-1", "-r", "-x", "-q", "-4", "--no-pid"]);

interface Words {
  readonly given: ReadonlySet<string>;
  readonly values: ReadonlyMap<string, string>;
  readonly devices: readonly string[];
}

function readWords(process: Process): Words | number {
  const given = new Set<string>();
  const values = new Map<string, string>();
  const devices: string[] = [];
  const left = process.argv.slice(1);
  for (let word = left.shift(); word !== undefined; word = left.shift()) {
    if (word === "--version") return said(process, "isc-dhclient-4.4.3-P1\n", 0);
    if (word === "--help" || word === "-h") return said(process, `${BANNER}${USAGE}`, 0);
    if (FLAGS.has(word)) given.add(word);
    else if (word === "-lf" || word === "-pf") {
      const value = left.shift();
      if (value === undefined) return said(process, `${BANNER}${USAGE}${FATAL}`, 1);
      values.set(word, value);
    } else if (NOT_MODELLED.has(word)) return process.fail(`${word}: not modelled`);
    else if (word.startsWith("-")) return said(process, `${BANNER}Unknown command: ${word}\n${USAGE}${FATAL}`, 1);
    else devices.push(word);
  }
  return { given, values, devices };
}

function read(process: Process): DhclientSettings | number {
  const words = readWords(process);
  if (typeof words === "number") return words;
  const { given, values, devices } = words;
  const names = devices.length > 0 ? devices : broadcastDevices(process);
  if (names.length > 1) return process.fail("several interfaces are not modelled: name one");
  if (names.length === 0) return said(process, "No broadcast interfaces found - exiting.\n", 1);
  return {
    device: names[0]!,
    isVerbose: given.has("-v") || given.has("-d"),
    staysInForeground: given.has("-d"),
    leavesAtOnce: given.has("-nw"),
    triesOnce: given.has("-1"),
    does: given.has("-r") ? "release" : given.has("-x") ? "stop" : "run",
    leaseFile: values.get("-lf") ?? "/var/lib/dhcp/dhclient.leases",
    pidFile: given.has("--no-pid") ? null : (values.get("-pf") ?? "/run/dhclient.pid"),
  };
}

function said(process: Process, text: string, code: number): number {
  process.error(text);
  return code;
}

const broadcastDevices = ({ machine }: Process): string[] =>
  machine.table.devices.filter(({ name }) => name !== "lo").map(({ name }) => name);
