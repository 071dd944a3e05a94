/** -m conntrack (revision 3) and its older name -m state: libxt_conntrack of iptables 1.8.9. */
import type { AddressTest, ConntrackMatch, Match, PortTest } from "../../../../stack/netfilter/rule.ts";
import type { Box } from "../../../box.ts";
import { Draft, type OptionReader, option, type PrintAbout } from "../extension.ts";
import { type BitNames, bitsText, readBits, readHostMask, readPortRange, readRange } from "../option-values.ts";
import { wrong } from "../problem.ts";
import { anyAddressText, readProtocol } from "../values.ts";
import { matchFamily } from "./family.ts";

/** In the order of printing; also that in which prefixes are tried, with ESTABLISHED before RELATED. */
const STATES: BitNames = [
  ["INVALID", 1],
  ["NEW", 8],
  ["RELATED", 4],
  ["ESTABLISHED", 2],
  ["UNTRACKED", 64],
  ["SNAT", 16],
  ["DNAT", 32],
];
/** What -m state knows. */
const OLD_STATES = STATES.filter(([name]) => !name.endsWith("NAT"));
const STATUSES: BitNames = [
  ["EXPECTED", 1],
  ["SEEN_REPLY", 2],
  ["ASSURED", 4],
  ["CONFIRMED", 8],
];

const EMPTY: ConntrackMatch = {
  kind: "conntrack",
  isState: false,
  states: null,
  statuses: null,
  protocol: null,
  originSource: null,
  originDestination: null,
  replySource: null,
  replyDestination: null,
  originSourcePort: null,
  originDestinationPort: null,
  replySourcePort: null,
  replyDestinationPort: null,
  expires: null,
  direction: null,
};

type AddressField = "originSource" | "originDestination" | "replySource" | "replyDestination";
type PortField = `${AddressField}Port`;

const ADDRESSES: readonly (readonly [option: string, field: AddressField])[] = [
  ["ctorigsrc", "originSource"],
  ["ctorigdst", "originDestination"],
  ["ctreplsrc", "replySource"],
  ["ctrepldst", "replyDestination"],
];
const PORTS = ADDRESSES.map(([name, field]): readonly [option: string, field: PortField] => [
  `${name}port`,
  `${field}Port`,
]);

const invertible = { invertible: true };

class ConntrackDraft extends Draft<Match> {
  readonly name = "conntrack";
  readonly options = [
    ...["ctstate", "ctproto", ...ADDRESSES.map(([name]) => name), "ctstatus", "ctexpire"].map((name) =>
      option(name, invertible),
    ),
    ...PORTS.map(([name]) => option(name, invertible)),
    option("ctdir"),
  ];
  private match: ConntrackMatch = EMPTY;

  protected accept(key: string, value: string, inverted: boolean, { machine }: OptionReader): void {
    this.match = { ...this.match, ...(this.single(key, value, inverted) ?? this.tuple(key, value, inverted, machine)) };
  }

  /** An option that is not of a tuple; null when it is. */
  private single(key: string, value: string, inverted: boolean): Partial<ConntrackMatch> | null {
    switch (key) {
      case "ctstate":
        return { states: { bits: readWords(value, STATES, "ctstate"), inverted } };
      case "ctstatus":
        return { statuses: { bits: readWords(value, [["NONE", 0], ...STATUSES], "ctstatus"), inverted } };
      case "ctproto":
        return { protocol: { number: readProtocol(value), inverted } };
      case "ctexpire":
        return { expires: { ...readRange(this.name, key, value), inverted } };
      case "ctdir":
        return { direction: readDirection(value) };
      default:
        return null;
    }
  }

  private tuple(key: string, value: string, inverted: boolean, machine: Box): Partial<ConntrackMatch> {
    const field = ADDRESSES.find(([name]) => name === key)?.[1];
    if (field !== undefined) return { [field]: { ...readHostMask(this.name, key, value, machine), inverted } };
    const port = PORTS.find(([name]) => name === key)![1];
    return { [port]: { ...readPortRange(this.name, key, value), inverted } };
  }

  protected override check(): void {
    if (this.given.size === 0) throw wrong("conntrack: At least one option is required");
  }

  protected result(): Match {
    return this.match;
  }
}

class StateDraft extends Draft<Match> {
  readonly name = "state";
  readonly options = [option("state", { invertible: true, mandatory: true })];
  private states: ConntrackMatch["states"] = null;

  protected accept(_key: string, value: string, inverted: boolean): void {
    if (value === "" || value.endsWith(","))
      throw wrong(`"--state" requires a list of states with no spaces, e.g. ESTABLISHED,RELATED`);
    this.states = { bits: readWords(value, OLD_STATES, "state"), inverted };
  }

  protected result(): Match {
    return { ...EMPTY, isState: true, states: this.states };
  }
}

function readWords(text: string, names: BitNames, what: string): number {
  const bits = readBits(text, names);
  if (typeof bits === "number") return bits;
  throw wrong(`Bad ${what} "${bits}"`);
}

function readDirection(text: string): "ORIGINAL" | "REPLY" {
  const direction = text.toUpperCase();
  if (direction === "ORIGINAL" || direction === "REPLY") return direction;
  throw wrong(`conntrack: Bad value for "--ctdir" option: "${text}"`);
}

/** conntrack_dump: `prefix` is "--" for a command line. */
function dump(match: ConntrackMatch, prefix: string, address: (test: AddressTest) => string): string {
  const { states, statuses, protocol, expires, direction } = match;
  const parts: string[] = [];
  const add = (inverted: boolean, name: string, value: string | number): void => {
    parts.push(`${inverted ? " !" : ""} ${prefix}${name} ${value}`);
  };
  if (states !== null) add(states.inverted, match.isState ? "state" : "ctstate", bitsText(states.bits, STATES));
  if (protocol !== null) add(protocol.inverted, "ctproto", protocol.number);
  for (const [name, field] of ADDRESSES) {
    const test = match[field];
    if (test !== null) add(test.inverted, name, address(test));
  }
  for (const [name, field] of PORTS) {
    const test = match[field];
    if (test !== null) add(test.inverted, name, portText(test));
  }
  if (statuses !== null) add(statuses.inverted, "ctstatus", bitsText(statuses.bits, STATUSES) || "NONE");
  if (expires !== null) add(expires.inverted, "ctexpire", rangeText(expires));
  if (direction !== null) add(false, "ctdir", direction);
  return parts.join("");
}

const rangeText = ({ from, to }: PortTest): string => (from === to ? String(from) : `${from}:${to}`);
/** No second port and a second port of 0 are one. */
const portText = (test: PortTest): string => (test.to === 0 ? String(test.from) : rangeText(test));

const list = (match: ConntrackMatch, { numeric, machine }: PrintAbout): string =>
  dump(match, "", (test) =>
    !numeric && test.address === 0 ? "anywhere" : anyAddressText(test, numeric ? null : machine),
  );

export const conntrack = matchFamily({
  kind: "conntrack",
  draft: (name) => (name === "conntrack" ? new ConntrackDraft() : name === "state" ? new StateDraft() : null),
  name: ({ isState }) => (isState ? "state" : "conntrack"),
  save: (match) => dump(match, "--", (test) => anyAddressText(test, null)),
  list,
});
