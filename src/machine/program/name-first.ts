/**
 * Names that only the domain name system knows, looked up before a command starts: getaddrinfo(3) with "hosts: files dns".
 * A command says in its manual which of its words are machines; of those, what is no number and not in /etc/hosts is asked
 * for here, and the answer waits in the machine's memory for the instant in which the command reads it.
 * Only A is asked for: IPv6 is not modelled.
 */
import { type Ipv4, parseIpv4 } from "../../packet/address.ts";
import * as dns from "../../packet/dns.ts";
import type { Lookup } from "../lookups.ts";
import type { Manual } from "../manual.ts";
import { type Process, Program } from "../process.ts";
import { type DnsAnswer, DnsExchange, type ExchangeOwner, questionId, resolverFile } from "./dns-exchange.ts";
import { addressOf, NO_NAME, parseNumericHost } from "./resolve.ts";

/** EAI_AGAIN, EAI_NODATA */
const TRY_AGAIN = "Temporary failure in name resolution";
const NO_ADDRESS = "No address associated with hostname";

/**
 * The words of a command line that only the domain name system can turn into addresses. Where machines are a manual's last
 * kind of operand, all words from there on are.
 */
export function namesToLookUp(process: Process, { operands: kinds = [], options = [] }: Manual): string[] {
  const at = kinds.indexOf("machine");
  if (at < 0) return [];
  const words = operandsOf(process.argv.slice(1), options);
  const machines = at > 0 && at === kinds.length - 1 ? words.slice(at) : words.slice(at, at + 1);
  return machines.filter((name) => isUnknown(process, name));
}

const isUnknown = ({ machine }: Process, name: string): boolean =>
  parseNumericHost(name) === null &&
  parseIpv4(name) === null &&
  /^[a-z0-9_]([a-z0-9_.-]*[a-z0-9_.])?$/i.test(name) &&
  dns.isName(name) &&
  addressOf(machine, name) === null;

/** Without options and what belongs to them. */
function operandsOf(words: readonly string[], options: NonNullable<Manual["options"]>): string[] {
  const flags = options.flatMap(({ flag }) => flag.split(", "));
  const withValue = new Set(flags.flatMap((flag) => /^--?([^\s=[]+)[= ]/.exec(flag)?.[1] ?? []));
  const operands: string[] = [];
  for (let i = 0; i < words.length; i++) {
    const word = words[i]!;
    if (word === "--") return [...operands, ...words.slice(i + 1)];
    if (!word.startsWith("-") || word === "-") operands.push(word);
    else if (word.startsWith("--")) i += !word.includes("=") && withValue.has(word.slice(2)) ? 1 : 0;
    else i += takesNext(word.slice(1), withValue) ? 1 : 0;
  }
  return operands;
}

/** Of several letters in one word the first that wants a value takes the rest of the word, or the next one. */
function takesNext(letters: string, withValue: ReadonlySet<string>): boolean {
  const at = [...letters].findIndex((letter) => withValue.has(letter));
  return at >= 0 && at === letters.length - 1;
}

/** The names that a name may stand for, in the order in which they are tried (res_search). */
export function candidates(name: string, search: readonly string[], ndots: number): string[] {
  if (name.endsWith(".")) return [name.slice(0, -1)];
  const dots = name.split(".").length - 1;
  const longer = search.map((domain) => `${name}.${domain.replace(/\.$/, "")}`);
  return dots >= ndots ? [name, ...longer] : [...longer, name];
}

export interface LookupOwner {
  lookedUp(name: string, lookup: Lookup): void;
}

/** One name, through the search list. */
export class NameLookup implements ExchangeOwner {
  private readonly process: Process;
  private readonly owner: LookupOwner;
  private readonly exchange: DnsExchange;
  private readonly name: string;
  private readonly left: string[];
  private failure = TRY_AGAIN;

  constructor(process: Process, owner: LookupOwner, name: string) {
    const { servers, search, ndots, timeout, attempts } = resolverFile(process.machine);
    this.process = process;
    this.owner = owner;
    this.name = name;
    this.left = candidates(name, search, ndots);
    this.exchange = new DnsExchange(process, this, { servers, timeout, attempts, mayFragment: false });
  }

  next(): void {
    const name = this.left.shift();
    if (name === undefined) return this.end(null, this.name, this.failure);
    const question = { name, type: dns.Type.A, class: dns.CLASS_IN };
    const empty = { answers: [], authority: [], additional: [] };
    const message = { id: questionId(this.process), flags: dns.Flag.RD, questions: [question], ...empty };
    if (this.exchange.ask(message)) return;
    this.failure = NO_NAME;
    this.next();
  }

  close(): void {
    this.exchange.close();
  }

  answered({ message }: DnsAnswer): void {
    const code = dns.responseCodeOf(message.flags);
    const found = message.answers.find(({ data }) => data.kind === "address");
    if (code === dns.ResponseCode.NOERROR && found !== undefined && found.data.kind === "address") {
      return this.end(found.data.address, found.name, "");
    }
    if (code === dns.ResponseCode.NXDOMAIN) this.failure = NO_NAME;
    else this.failure = code === dns.ResponseCode.NOERROR ? NO_ADDRESS : TRY_AGAIN;
    this.next();
  }

  triedInVain(): void {}

  gaveUp(): void {
    this.failure = TRY_AGAIN;
    this.left.length = 0;
    this.next();
  }

  private end(address: Ipv4 | null, canonical: string, failure: string): void {
    this.close();
    const at = this.process.machine.world.scheduler.now;
    this.owner.lookedUp(this.name, { at, address, canonical, failure });
  }
}

/** Looks up what a command will ask for, then lets it start. */
export class NameFirst extends Program implements LookupOwner {
  private readonly names: string[];
  private lookup: NameLookup | null = null;

  constructor(names: readonly string[]) {
    super();
    this.names = [...names];
  }

  start(): void {
    const name = this.names.shift();
    if (name === undefined) return this.process.machine.launchNow(this.process);
    this.lookup = new NameLookup(this.process, this, name);
    this.lookup.next();
  }

  lookedUp(name: string, lookup: Lookup): void {
    this.process.machine.lookups.set(name.toLowerCase(), lookup);
    this.start();
  }

  override ended(): void {
    this.lookup?.close();
  }
}
