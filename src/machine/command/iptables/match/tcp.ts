/** -m tcp: libxt_tcp of iptables 1.8.9, which reads its options without xtoptions.c. Not modelled: --tcp-option. */
import type { FlagsTest, Match } from "../../../../stack/netfilter/rule.ts";
import { flag, type OptionReader, option } from "../extension.ts";
import { not } from "../print-words.ts";
import { notModelled, wrong } from "../problem.ts";
import { readPorts } from "../values.ts";
import { matchFamily } from "./family.ts";
import { listPorts, PORT_OPTIONS, PortDraft, savePorts } from "./ports.ts";

/** In the order of printing. */
const FLAG_NAMES: readonly (readonly [name: string, bit: number])[] = [
  ["FIN", 1],
  ["SYN", 2],
  ["RST", 4],
  ["PSH", 8],
  ["ACK", 16],
  ["URG", 32],
];
const ALL_FLAGS = 63;
const SYN_TEST = { mask: 2 | 4 | 16 | 1, set: 2 };

class TcpDraft extends PortDraft {
  readonly name = "tcp";
  readonly options = [...PORT_OPTIONS, flag("syn"), option("tcp-flags"), option("tcp-option")];
  private flags: FlagsTest | null = null;

  override take(key: string, value: string, inverted: boolean, reader: OptionReader): void {
    if (key === "tcp-option") throw notModelled("tcp --tcp-option");
    if (key !== "syn" && key !== "tcp-flags") {
      if (this.given.has(key)) throw wrong(`Only one \`--${key}' allowed`);
      this.given.add(key);
      return this.takePorts(key, readPorts(value, this.name), inverted);
    }
    if (this.flags !== null) throw wrong("Only one of `--syn' or `--tcp-flags'  allowed");
    if (key === "syn") this.flags = { ...SYN_TEST, inverted };
    else {
      const set = reader.next();
      if (set === null) throw wrong("--tcp-flags requires two args.");
      this.flags = { mask: readFlags(value), set: readFlags(set), inverted };
    }
  }

  protected accept(): void {}

  protected result(): Match {
    const { source, destination, flags } = this;
    const asksNothing = flags?.mask === 0 && flags.set === 0 && !flags.inverted;
    return { kind: "tcp", source, destination, flags: asksNothing ? null : flags };
  }
}

function readFlags(text: string): number {
  let flags = 0;
  for (const word of text.split(",").filter((each) => each !== "")) {
    const name = word.toUpperCase();
    const bit = name === "ALL" ? ALL_FLAGS : name === "NONE" ? 0 : FLAG_NAMES.find(([each]) => each === name)?.[1];
    if (bit === undefined) throw wrong(`Unknown TCP flag \`${word}'`);
    flags |= bit;
  }
  return flags;
}

function flagNames(flags: number): string {
  const names = FLAG_NAMES.filter(([, bit]) => (flags & bit) !== 0).map(([name]) => name);
  return names.length === 0 ? "NONE" : names.join(",");
}

function saveFlags(flags: FlagsTest | null): string {
  if (flags === null) return "";
  return ` ${not(flags.inverted)}--tcp-flags ${flagNames(flags.mask)} ${flagNames(flags.set)}`;
}

function listFlags(flags: FlagsTest | null, numeric: boolean): string {
  if (flags === null) return "";
  const [mask, set] = [flags.mask, flags.set].map((each) =>
    numeric ? `0x${each.toString(16).toUpperCase().padStart(2, "0")}` : flagNames(each),
  );
  return ` flags:${flags.inverted ? "!" : ""}${mask}/${set}`;
}

export const tcp = matchFamily({
  kind: "tcp",
  draft: (name) => (name === "tcp" ? new TcpDraft() : null),
  save: (match) => savePorts(match) + saveFlags(match.flags),
  list: (match, { numeric }) => ` tcp${listPorts(match, "tcp", numeric)}${listFlags(match.flags, numeric)}`,
});
