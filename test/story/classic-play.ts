/** Plays the recorded classic host from its first line to its last, and keeps what our tools print when theirs did. */
import { readCapture } from "../../src/lab/capture/reader.ts";
import type { Lab } from "../../src/lab/index.ts";
import { labUp, planOf, type } from "../kit/lab.ts";
import { CLASSIC_HOST, type Dump, dumpIn, type TypedLine, typedIn, UNLOGGED } from "./recorded-classic.ts";

/** The dumps in the order in which they were taken. */
export const DUMPS = [
  "00-steps/00-before",
  "00-steps/01-bridge-created",
  "00-steps/02-addr-copied-to-veth0",
  "00-steps/03-eth0-down",
  "00-steps/04-eth0-renamed-peth0",
  "00-steps/05-veth0-renamed-eth0",
  "00-steps/06-bridge-ports-set-up",
  "00-steps/07-ports-attached",
  "00-steps/08-eth0-up",
  "00-steps/09-after-5s",
  "01-guests-boot/after",
  "02-ping-g1-g2/before",
  "02-ping-g1-g2/after",
  "03-ping-g1-outside/before",
  "03-ping-g1-outside/after",
] as const;

/** What was looked at in the recorded dump under a name, and the line that prints it here. */
export const LOOKS: readonly (readonly [section: string, line: string])[] = [
  ["ip -br link", "ip -br link"],
  ["ip -d -s link", "ip -d link"],
  ["ip addr", "ip addr"],
  ["ip route", "ip route"],
  ["ip neigh", "ip neigh"],
  ["brctl show", "brctl show"],
  ["bridge -d link", "bridge -d link"],
  ["bridge fdb show", "bridge fdb show"],
  ["brctl showmacs/showstp", "brctl showmacs xenbr0 && brctl showstp xenbr0"],
  ["sysctl", "sysctl -a | grep -E '(ip_forward|proxy_arp) ='"],
  ["xl list", "xl list"],
  ["xl vm-list", "xl vm-list"],
  ["xl network-list g1", "xl network-list g1"],
  ["xl network-list g2", "xl network-list g2"],
  ["xenstore-ls -f (vif frontends and backends)", "xenstore-ls -f -p"],
];

export interface Played {
  readonly lab: Lab;
  /** By dump, by section: what ours printed. */
  readonly said: ReadonlyMap<string, ReadonlyMap<string, string>>;
  /** Lines that failed or complained. */
  readonly complaints: readonly string[];
  /** Nanoseconds of virtual time at a second of the recorded day. */
  readonly timeAt: (second: number) => Lab["now"];
  /** Of a capture file by its path. */
  readonly packets: (path: string) => ReturnType<typeof readCapture>["packets"];
}

type Act = { readonly at: number } & ({ readonly typed: TypedLine } | { readonly dump: string; readonly of: Dump });

function acts(): Act[] {
  const folders = [...new Set(DUMPS.map((dump) => dump.slice(0, dump.indexOf("/"))))];
  const lines = [...folders.flatMap((folder) => typedIn(folder)), ...UNLOGGED];
  const dumps = DUMPS.map((dump) => ({ dump, of: dumpIn(`${dump}.txt`) }));
  return [
    ...lines.map((typed) => ({ at: typed.at, typed })),
    ...dumps.map(({ dump, of }) => ({ at: of.at, dump, of })),
  ].sort((a, b) => a.at - b.at);
}

/** Long enough for what the guests and the outside machine still ask each other. */
const AFTERMATH = 8;

export function playClassic(): Played {
  const lab = labUp(planOf(CLASSIC_HOST), { capture: { format: "pcapng", merged: false } });
  const script = acts();
  const [first, start] = [script[0]!.at, lab.now];
  const timeAt = (second: number): Lab["now"] => (start + Math.round((second - first) * 1e9)) as Lab["now"];
  const said = new Map<string, Map<string, string>>();
  const complaints: string[] = [];
  for (const act of script) {
    lab.runUntil(timeAt(act.at));
    if ("dump" in act) said.set(act.dump, look(lab, act.of));
    else complaints.push(...typeIn(lab, act.typed));
  }
  lab.runUntil(timeAt(script.at(-1)!.at + AFTERMATH));
  const files = new Map(lab.captures!.list.map((file) => [file.path, readCapture(file.take()).packets]));
  return { lab, said, complaints, timeAt, packets: (path) => files.get(path)! };
}

const look = (lab: Lab, dump: Dump): Map<string, string> =>
  new Map(
    LOOKS.filter(([section]) => dump.section(section) !== null).map(([section, line]) => [
      section,
      type(lab, "xen1", line).stdout,
    ]),
  );

function typeIn(lab: Lab, { on, line }: TypedLine): string[] {
  const { code, stderr } = type(lab, on, line);
  // xl says so on stderr, whatever comes of it.
  const trouble = stderr.replace(/^Parsing config from .*\n/, "");
  return code === 0 && trouble === "" ? [] : [`${on}# ${line}: ${code} ${trouble}`];
}
