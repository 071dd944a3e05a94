/** udhcpc(8) of busybox 1.35: its options. What it does stands in program/dhcp-client/udhcpc.ts. */
import { parseIpv4 } from "../../packet/address.ts";
import * as dhcp from "../../packet/dhcp.ts";
import type { Command } from "../command.ts";
import { getopt } from "../getopt.ts";
import type { Process } from "../process.ts";
import { DaemonFront } from "../program/daemon-front.ts";
import { DEFAULT_ASKS, Udhcpc, type UdhcpcSettings } from "../program/dhcp-client/udhcpc.ts";

const USAGE = `BusyBox v1.35.0 (Debian 1:1.35.0-4+deb12u1) multi-call binary.

Usage: udhcpc [-fbqRB] [-t N] [-T SEC] [-A SEC|-n]
	[-i IFACE] [-p PIDFILE]
	[-oC] [-r IP] [-V VENDOR] [-x OPT:VAL]... [-O OPT]...
`;

/** Names of options for -O and -x, as far as they are known here. */
const NAMES: Readonly<Record<string, number>> = {
  subnet: 1,
  router: 3,
  dns: 6,
  hostname: 12,
  domain: 15,
  mtu: 26,
  broadcast: 28,
  ntpsrv: 42,
  lease: 51,
  search: 119,
  staticroutes: 121,
};

export const udhcpc: Command = {
  name: "udhcpc",
  summary: "Ask a DHCP server for an address (busybox).",
  usage:
    "udhcpc [-fbqRB] [-t N] [-T SEC] [-A SEC|-n] [-i IFACE] [-p PIDFILE] [-oC] [-r IP] [-x OPT:VAL]... [-O OPT]...",
  options: [
    { flag: "-i <iface>", text: "interface to use (default eth0)" },
    { flag: "-p <file>", text: "create a pid file" },
    { flag: "-B", text: "request broadcast replies" },
    { flag: "-t <n>", text: "send up to N discover packets (default 3)" },
    { flag: "-T <sec>", text: "pause between packets (default 3)" },
    { flag: "-A <sec>", text: "wait if lease is not obtained (default 20)" },
    { flag: "-b", text: "background if lease is not obtained" },
    { flag: "-n", text: "exit if lease is not obtained" },
    { flag: "-q", text: "exit after obtaining lease" },
    { flag: "-R", text: "release IP on exit" },
    { flag: "-f", text: "run in foreground" },
    { flag: "-S", text: "log to syslog too" },
    { flag: "-r <ip>", text: "request this IP address" },
    { flag: "-o", text: "do not request any options (unless -O is given)" },
    { flag: "-O <opt>", text: "request this option too" },
    { flag: "-x <opt:val>", text: "include this option in sent packets" },
    { flag: "-V <vendor>", text: "vendor identifier (default 'udhcp VERSION')" },
    { flag: "-C", text: "do not send MAC as client identifier" },
  ],
  start(process) {
    const { given, unknown } = getopt(process.argv.slice(1), "i:p:Bt:T:A:bnqRfSr:oO:x:V:Cs:");
    if (unknown.length > 0) {
      process.error(`${process.name}: ${unknown[0]!.sentence}\n${USAGE}`);
      return 1;
    }
    const settings = read(process, new Map(given.map(({ letter, value }) => [letter, value])), given);
    if (typeof settings === "number") return settings;
    const program = new Udhcpc(settings);
    return settings.staysInForeground ? program : new DaemonFront(program);
  },
};

type Words = readonly { readonly letter: string; readonly value: string }[];

function read(process: Process, last: ReadonlyMap<string, string>, given: Words): UdhcpcSettings | number {
  const wrong = (word: string): number => process.fail(`invalid number '${word}'`);
  for (const letter of ["t", "T", "A"]) if (!/^\d+$/.test(last.get(letter) ?? "0")) return wrong(last.get(letter)!);
  const requested = last.has("r") ? parseIpv4(last.get("r")!) : null;
  if (last.has("r") && requested === null) return process.fail(`bad address '${last.get("r")}'`);
  const asked = given.filter(({ letter }) => letter === "O").map(({ value }) => numberOf(value));
  if (asked.includes(null)) return process.fail(`unknown option '${given.find((each) => each.letter === "O")!.value}'`);
  const tells: dhcp.Option[] = [];
  for (const { value } of given.filter(({ letter }) => letter === "x")) {
    const option = optionOf(value);
    if (option === null) return process.fail(`unknown option '${value.split(":")[0]}'`);
    tells.push(option);
  }
  const base = last.has("o") ? [] : DEFAULT_ASKS;
  return {
    device: last.get("i") ?? "eth0",
    discovers: Number(last.get("t") ?? 3),
    pause: Number(last.get("T") ?? 3),
    wait: Number(last.get("A") ?? 20),
    exitsWithoutLease: last.has("n"),
    exitsWithLease: last.has("q"),
    staysInForeground: last.has("f"),
    backgroundsWithoutLease: last.has("b"),
    releasesOnExit: last.has("R"),
    logsToSyslog: last.has("S"),
    wantsBroadcast: last.has("B"),
    requested,
    vendor: last.get("V") ?? "udhcp 1.35.0",
    sendsClientId: !last.has("C"),
    asks: [...new Set([...base, ...(asked as number[])])].sort((a, b) => a - b),
    tells,
    pidFile: last.get("p") ?? null,
  };
}

const numberOf = (word: string): number | null =>
  NAMES[word] ?? (/^(0x[0-9a-f]+|\d+)$/i.test(word) && Number(word) < 255 ? Number(word) : null);

/** hostname:bbox, lease:3600, 0x3d:0100BEEF */
function optionOf(text: string): dhcp.Option | null {
  const [name = "", ...rest] = text.split(":");
  const value = rest.join(":");
  const code = numberOf(name);
  if (code === null || rest.length === 0) return null;
  if (name === "lease") return dhcp.numberOption(code, Number(value));
  const isHex = NAMES[name] === undefined && /^([0-9a-f]{2})+$/i.test(value);
  if (!isHex) return dhcp.textOption(code, value.replace(/^"(.*)"$/, "$1"));
  return { code, data: Uint8Array.from(value.match(/../g)!, (byte) => Number.parseInt(byte, 16)) };
}
