/**
 * getent(1) of glibc 2.36, the databases about hosts: what /etc/hosts and the domain name system say of names and addresses.
 * Not modelled: other databases, services (-s), IPv6.
 */
import { formatIpv4, type Ipv4, parseIpv4 } from "../../packet/address.ts";
import type { Command } from "../command.ts";
import { type Process, Program } from "../process.ts";
import { addressOf, hostLines } from "../program/resolve.ts";
import { type NamesOwner, ReverseNames } from "../program/reverse-names.ts";

const HINT = "Try `getent --help' or `getent --usage' for more information.\n";
const OTHERS: ReadonlySet<string> = new Set([
  ...["aliases", "ahostsv6", "ethers", "group", "gshadow", "initgroups", "netgroup", "networks", "passwd"],
  ...["protocols", "rpc", "services", "shadow"],
]);

export const getent: Command = {
  name: "getent",
  summary: "Get entries from the Name Service Switch: hosts, ahosts, ahostsv4.",
  usage: "getent database [key ...]",
  operands: ["text", "machine"],
  words: ["hosts", "ahosts", "ahostsv4"],
  start(process) {
    const [database, ...keys] = process.argv.slice(1);
    if (database === undefined) return wrong(process, "getent: wrong number of arguments\n");
    if (database.startsWith("-")) return process.fail(`${database} is not modelled`);
    if (OTHERS.has(database)) return process.fail(`${database}: not modelled, only hosts, ahosts and ahostsv4 are`);
    if (DATABASES[database] === undefined) return wrong(process, `Unknown database: ${database}\n`);
    if (keys.length === 0) {
      const lines = hostLines(process.machine);
      process.print(lines.map(({ address, names }) => line(address, names)).join(""));
      return 0;
    }
    return new Getent(database, keys);
  },
};

class Getent extends Program implements NamesOwner {
  private readonly database: string;
  private readonly keys: readonly string[];
  private names: ReverseNames | null = null;

  constructor(database: string, keys: readonly string[]) {
    super();
    this.database = database;
    this.keys = keys;
  }

  start(): void {
    this.names = new ReverseNames(this.process, this);
    this.named();
  }

  /** Once every address has its name. */
  named(): void {
    const names = this.names!;
    const open = this.database === "hosts" ? this.keys.map((key) => parseIpv4(key)) : [];
    for (const address of open) if (address !== null && names.isOpen(address)) return names.ask(address);
    let code = 0;
    for (const key of this.keys) {
      const text = DATABASES[this.database]!(this.process, key, names);
      if (text === null) code = 2;
      else this.process.print(text);
    }
    this.process.exit(code);
  }

  override ended(): void {
    this.names?.close();
  }
}

function wrong(process: Process, sentence: string): number {
  process.error(sentence + HINT);
  return 1;
}

const line = (address: Ipv4, names: readonly string[]): string =>
  `${formatIpv4(address).padEnd(15)} ${names.join(" ")}\n`;

const DATABASES: Readonly<Record<string, (process: Process, key: string, names: ReverseNames) => string | null>> = {
  hosts({ machine }, key, reverse) {
    const address = parseIpv4(key);
    const known = hostLines(machine);
    if (address !== null) {
      const found = known.find((each) => each.address === address)?.names ?? [reverse.of(address) ?? ""];
      return found[0] === "" ? null : line(address, found);
    }
    const lower = key.toLowerCase();
    const listed = known.find(({ names }) => names.some((name) => name.toLowerCase() === lower));
    if (listed !== undefined) return line(listed.address, listed.names);
    const found = addressOf(machine, key);
    return found === null ? null : line(found.address, [found.canonical]);
  },
  ahosts: streams,
  ahostsv4: streams,
};

/** A line for each kind of socket that getaddrinfo(3) names. */
function streams({ machine }: Process, key: string): string | null {
  const number = parseIpv4(key);
  const found = number === null ? addressOf(machine, key) : { address: number, canonical: key };
  if (found === null) return null;
  const start = formatIpv4(found.address).padEnd(15);
  return `${start} STREAM ${found.canonical}\n${start} DGRAM  \n${start} RAW    \n`;
}
