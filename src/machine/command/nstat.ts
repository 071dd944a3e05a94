/**
 * nstat(8) of iproute2 6.1: what the network stack has counted since it was asked last. Follows misc/nstat.c. What it saw
 * last stands in /tmp/.nstat.u0 (or $NSTAT_HISTORY). Not modelled: its daemon (-d, -t), IPv6.
 */
import type { Command } from "../command.ts";
import { Errno } from "../errno.ts";
import { fnmatch } from "../fnmatch.ts";
import { getopt } from "../getopt.ts";
import { netstatGroups, snmpGroups } from "../proc-net/snmp.ts";
import type { Process } from "../process.ts";
import { jsonText } from "./ip/json.ts";

const USAGE = `Usage: nstat [OPTION] [ PATTERN [ PATTERN ] ]
   -h, --help          this message
   -a, --ignore        ignore history
   -d, --scan=SECS     sample every statistics every SECS
   -j, --json          format output in JSON
   -n, --nooutput      do history only
   -p, --pretty        pretty print
   -r, --reset         reset history
   -s, --noupdate      don't update history
   -t, --interval=SECS report average over the last SECS
   -V, --version       output version information
   -z, --zeros         show entries with zero activity
`;
const LONGS: Readonly<Record<string, string>> = {
  help: "h",
  ignore: "a",
  scan: "d",
  nooutput: "n",
  json: "j",
  reset: "r",
  noupdate: "s",
  pretty: "p",
  interval: "t",
  version: "V",
  zeros: "z",
};
const MISUSE = 255;
/** What is no counter. */
const USELESS: readonly string[] = [
  "IpForwarding",
  "IpDefaultTTL",
  "TcpRtoAlgorithm",
  "TcpRtoMin",
  "TcpRtoMax",
  "TcpMaxConn",
  "TcpCurrEstab",
];

type Counters = readonly (readonly [name: string, value: number])[];

export const nstat: Command = {
  name: "nstat",
  summary: "Show the counters of the network stack, and what came since the last time.",
  usage: "nstat [OPTION] [ PATTERN [ PATTERN ] ]",
  options: [
    { flag: "-a, --ignore", text: "ignore history: absolute values" },
    { flag: "-j, --json", text: "format output in JSON" },
    { flag: "-n, --nooutput", text: "do history only" },
    { flag: "-p, --pretty", text: "pretty print" },
    { flag: "-r, --reset", text: "reset history" },
    { flag: "-s, --noupdate", text: "don't update history" },
    { flag: "-V, --version", text: "output version information" },
    { flag: "-z, --zeros", text: "show entries with zero activity" },
  ],
  start(process) {
    const { given, operands, unknown } = getopt(process.argv.slice(1), "hVzrnasd:t:jp", LONGS);
    const [fault] = unknown;
    if (fault !== undefined) {
      process.error(`nstat: ${fault.sentence}\n${USAGE}`);
      return MISUSE;
    }
    const has = (letter: string): boolean => given.some((each) => each.letter === letter);
    if (has("h")) {
      process.error(USAGE);
      return MISUSE;
    }
    if (has("V")) {
      process.print("nstat utility, iproute2-6.1.0\n");
      return 0;
    }
    if (has("d") || has("t")) return process.fail("-d and -t are not modelled", 1);
    return new Run(process, has, operands).run();
  },
};

class Run {
  private readonly process: Process;
  private readonly has: (letter: string) => boolean;
  private readonly patterns: readonly string[];

  constructor(process: Process, has: (letter: string) => boolean, patterns: readonly string[]) {
    this.process = process;
    this.has = has;
    this.patterns = patterns;
  }

  run(): number {
    const { process, has } = this;
    const now = countersOf(process);
    const before = has("r") ? new Map<string, number>() : this.history();
    if (!has("n")) process.print(this.text(now, has("a") || has("r") ? new Map() : before));
    // What was not asked for is as it was seen last.
    if (!has("s"))
      this.remember(now.map(([name, value]) => [name, this.isWanted(name) ? value : (before.get(name) ?? value)]));
    return 0;
  }

  private isWanted(name: string): boolean {
    return this.patterns.length === 0 || this.patterns.some((each) => fnmatch(each, name));
  }

  private text(now: Counters, before: ReadonlyMap<string, number>): string {
    const changes = now.map(([name, value]) => [name, value - (before.get(name) ?? 0)] as const);
    const shown = changes.filter(([name, value]) => this.isWanted(name) && (value !== 0 || this.has("z")));
    if (this.has("j")) return jsonText({ kernel: Object.fromEntries(shown) }, this.has("p"));
    return `#kernel\n${shown.map(line).join("")}`;
  }

  private get path(): string {
    return this.process.env.get("NSTAT_HISTORY") ?? "/tmp/.nstat.u0";
  }

  private history(): Map<string, number> {
    const text = this.process.machine.files.read(this.path);
    if (text instanceof Errno) return new Map();
    return new Map([...text.matchAll(/^(\w+) +(\d+) /gm)].map(([, name, value]) => [name!, Number(value)]));
  }

  private remember(counters: Counters): void {
    const known = counters.filter(([, value]) => value !== 0);
    this.process.machine.files.write(this.path, `#kernel\n${known.map(line).join("")}`);
  }
}

function countersOf({ machine }: Process): Counters {
  const groups = [...snmpGroups(machine), ...netstatGroups(machine)];
  return groups
    .flatMap(({ name, counters }) => counters.map(([each, value]) => [name + each, value] as const))
    .filter(([name]) => !USELESS.includes(name));
}

const line = ([name, value]: readonly [string, number]): string =>
  `${name.padEnd(32)}${String(value).padEnd(16)}${"0.0".padStart(6)}\n`;
