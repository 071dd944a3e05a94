/** `ip rule`. Follows iproute2 6.1's ip/iprule.c. Not modelled: what fib-rules.ts does not, save and restore. */
import { ANYBODY, RuleAction, type RuleActionCode, type RuleFields, type RuleMatch } from "../../../stack/fib-rules.ts";
import { TableId } from "../../../stack/route-table.ts";
import { readProtocol, readRouteType, readTable } from "./names.ts";
import { readPrefix } from "./prefix.ts";
import { type RuleHiding, ruleJson, ruleText } from "./rule-print.ts";
import { type IpRun, netlinkAnswer, printJson } from "./run.ts";
import { abbreviates, abbreviatesAny, Misuse, notModelled, readUnsigned, type Words, wrong } from "./words.ts";

const USAGE = `Usage: ip rule { add | del } SELECTOR ACTION
       ip rule flush
       ip rule [ list [ SELECTOR ]]
SELECTOR := [ not ] [ from PREFIX ] [ to PREFIX ] [ fwmark FWMARK[/MASK] ]
            [ iif STRING ] [ oif STRING ] [ pref NUMBER ]
ACTION := [ table TABLE_ID | blackhole | unreachable | prohibit ] [ protocol PROTO ]
TABLE_ID := [ local | main | default | NUMBER ]`;

export function ipRule(run: IpRun): number {
  if (!run.words.more) return list(run);
  const verb = run.words.take();
  if (abbreviatesAny(verb, "list", "lst", "show")) return list(run);
  if (abbreviatesAny(verb, "save", "restore")) throw notModelled(`rule ${verb}`);
  if (abbreviates(verb, "add")) return add(run);
  if (abbreviates(verb, "delete")) return remove(run);
  if (abbreviates(verb, "flush")) return flush(run);
  if (abbreviates(verb, "help")) throw new Misuse(USAGE);
  throw new Misuse(`Command "${verb}" is unknown, try "ip rule help".`);
}

/** What was said; the rest is the kernel's to fill in. */
type Said = { -readonly [Key in keyof RuleFields]?: RuleFields[Key] };

const isBeyond = (word: string): boolean =>
  /^(tos|realms|suppress_\w+|goto|nop|nat|map-to|l3mdev|uidrange|ipproto|sport|dport|tun_id)$/.test(word) ||
  abbreviatesAny(word, "dsfield", "realms", "suppress_prefixlength", "suppress_ifgroup", "tun_id");

/** True when the word was one of a selector. */
function readSelector(words: Words, word: string, said: Said): boolean {
  if (word === "not") said.inverted = true;
  else if (word === "from") said.from = prefixOf(words.take());
  else if (word === "to") said.to = prefixOf(words.take());
  else if (abbreviatesAny(word, "preference", "order", "priority"))
    said.priority = number(words.take(), "preference value is invalid\n");
  else if (word === "fwmark") readMark(words.take(), said);
  else if (word === "dev" || word === "iif") said.iif = words.take();
  else if (word === "oif") said.oif = words.take();
  else if (abbreviates(word, "table") || abbreviates(word, "lookup")) said.table = readRuleTable(words.take());
  else if (abbreviates(word, "protocol")) said.protocol = readRuleProtocol(words.take());
  else return false;
  return true;
}

const prefixOf = (text: string): RuleFields["from"] => {
  const { address, prefix } = readPrefix(text, "any valid");
  return { address, prefix };
};

function number(text: string, reason: string): number {
  const value = readUnsigned(text);
  if (value === null) throw wrong(text, reason);
  return value;
}

function readMark(text: string, said: Said): void {
  const [mark = "", mask] = text.split("/");
  said.mark = number(mark, "fwmark value is invalid\n");
  said.mask = mask === undefined ? 0xffff_ffff : number(mask, "fwmask value is invalid\n");
}

function readRuleTable(text: string): number {
  const table = readTable(text);
  if (table === null) throw wrong(text, "invalid table ID\n");
  return table;
}

function readRuleProtocol(text: string): number {
  const protocol = readProtocol(text);
  if (protocol === null) throw wrong(text, '"protocol" value is invalid\n');
  return protocol;
}

function readRule(run: IpRun, verb: string): Said {
  const { words } = run;
  if (!words.more) throw new Misuse(`"ip rule ${verb}" requires arguments.`, 1);
  const said: Said = {};
  while (words.more) {
    const word = words.take();
    if (readSelector(words, word, said)) continue;
    if (isBeyond(word)) throw notModelled(`rule ${word}`);
    if (abbreviates(word, "help")) throw new Misuse(USAGE);
    said.action = readAction(word === "type" ? words.take() : word);
  }
  return said;
}

/** Null of readRouteType is no type; "unicast" is a table. */
function readAction(word: string): RuleActionCode {
  const type = readRouteType(word);
  const known = Object.values(RuleAction).find((each) => each === type);
  if (known === undefined) throw wrong(word, "Failed to parse rule type");
  return known;
}

function add(run: IpRun): number {
  const said = readRule(run, "add");
  const { rules } = run.machine.net.fib;
  const action = said.action ?? RuleAction.TO_TABLE;
  return netlinkAnswer(
    run,
    rules.add({
      priority: rules.nextPriority,
      from: ANYBODY,
      to: ANYBODY,
      iif: null,
      oif: null,
      mark: 0,
      mask: 0,
      inverted: false,
      table: action === RuleAction.TO_TABLE ? TableId.MAIN : 0,
      protocol: 0,
      ...said,
      action,
    }),
  );
}

const remove = (run: IpRun): number =>
  netlinkAnswer(run, run.machine.net.fib.rules.remove(readRule(run, "del") satisfies RuleMatch));

/** The rule of priority 0 stays: it leads to our own addresses. */
function flush(run: IpRun): number {
  const { rules } = run.machine.net.fib;
  for (const each of selected(run).filter(({ priority }) => priority > 0)) rules.remove(each);
  return 0;
}

function readSelection(run: IpRun): Said {
  const { words } = run;
  const said: Said = {};
  while (words.more) {
    const word = words.take();
    if (readSelector(words, word, said)) continue;
    if (isBeyond(word)) throw notModelled(`selecting by "${word}"`);
    said.to = (({ address, prefix }) => ({ address, prefix }))(readPrefix(word, "inet"));
  }
  return said;
}

function selected(run: IpRun, wanted: Said = readSelection(run)): readonly RuleFields[] {
  return run.machine.net.fib.rules.list().filter((each) => isWanted(each, wanted));
}

const PLAIN = ["priority", "iif", "oif", "mark", "table", "protocol", "inverted"] as const;

const isWanted = (each: RuleFields, wanted: Said): boolean =>
  PLAIN.every((key) => wanted[key] === undefined || wanted[key] === each[key]) &&
  (["from", "to"] as const).every(
    (key) =>
      wanted[key] === undefined ||
      (wanted[key].address === each[key].address && wanted[key].prefix === each[key].prefix),
  );

function list(run: IpRun): number {
  const { options, process, machine } = run;
  const hiding: RuleHiding = { details: options.details, hasDevice: (name) => machine.table.find(name) !== null };
  const rules = selected(run);
  if (options.json)
    return printJson(
      run,
      rules.map((each) => ruleJson(each, hiding)),
    );
  process.print(rules.map((each) => ruleText(each, hiding)).join(""));
  return 0;
}
