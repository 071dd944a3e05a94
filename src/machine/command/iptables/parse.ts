/**
 * Reads a command line of iptables: do_parse of iptables/xshared.c, 1.8.9. The order of its checks is the order of its
 * error sentences, so it is kept.
 */
import type { Match, NameTest, RuleSpec, Target } from "../../../stack/netfilter/rule.ts";
import type { TableName } from "../../../stack/netfilter/table.ts";
import type { Box } from "../../box.ts";
import { checkChain, checkNewName, checkOptions, checkProtocols, MAX_CHAIN, ruleNumber, tableNamed } from "./checks.ts";
import type { Draft, ExtensionOption, OptionReader } from "./extension.ts";
import { extensionHelp } from "./extension-help.ts";
import { type Found, Getopt } from "./getopt.ts";
import { HELP } from "./help.ts";
import { newMatch, OTHER_MATCHES } from "./match/index.ts";
import { bare, notModelled, wrong } from "./problem.ts";
import { type CommandLetter, Request } from "./request.ts";
import { newTarget, OTHER_TARGETS, standardTarget } from "./target/index.ts";
import { checkInterface, readAddresses, readProtocol } from "./values.ts";

/** Options that may stand behind "!". */
const INVERTIBLE = "sdpiof";
const COMMANDS = "ACDEFILNPRSXZ";
/** Asked to print something and nothing else: -V, -h. */
export type Parsed = Request | "version" | Help;

/** Of what has been named before -h. */
export class Help {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

export interface Surroundings {
  readonly machine: Box;
  /** For stderr. */
  warn(text: string): void;
  /** Within iptables-restore, where a line of its own gives the table; otherwise null. */
  readonly restored: TableName | null;
}

export function parse(words: readonly string[], around: Surroundings): Parsed {
  return new Parser(words, around).run();
}

class Parser implements OptionReader {
  private readonly getopt: Getopt;
  private readonly around: Surroundings;
  private readonly request = new Request();
  private readonly matches: Draft<Match>[] = [];
  private target: Draft<Target> | null = null;
  /** What matches and targets have brought so far. */
  private extensions: readonly ExtensionOption[] = [];
  private protocolName = "";
  private inverted = false;
  private table = "filter";

  constructor(words: readonly string[], around: Surroundings) {
    this.getopt = new Getopt(words);
    this.around = around;
    if (around.restored !== null) this.table = around.restored;
  }

  get machine(): Box {
    return this.around.machine;
  }

  get protocol(): RuleSpec["protocol"] {
    return this.request.protocol;
  }

  next(): string | null {
    return this.getopt.extra();
  }

  warn(text: string): void {
    this.around.warn(text);
  }

  run(): Parsed {
    for (let found = this.take(); found !== null; found = this.take()) {
      if (found.kind === "word" && found.word === "!") {
        if (this.inverted) throw wrong("multiple consecutive ! not allowed");
        this.inverted = true;
        continue;
      }
      const ends = this.read(found);
      if (ends !== null) return ends;
      this.inverted = false;
    }
    this.finish();
    return this.request;
  }

  private take(): Found | null {
    return this.getopt.take(this.extensions);
  }

  private load(match: Draft<Match>): void {
    this.matches.push(match);
    this.collect();
  }

  private collect(): void {
    const options = this.matches.flatMap((each) => each.options);
    this.extensions = this.target === null ? options : [...options, ...this.target.options];
  }

  private read(found: Found): "version" | Help | null {
    switch (found.kind) {
      case "word":
        throw bare(`Bad argument \`${found.word}'`);
      case "letter":
        return this.letter(found.letter, found.value);
      case "extension":
        this.extension(found.name, found.value);
        return null;
      case "valueless":
        throw wrong(`option "${found.word}" requires an argument`);
      case "unknown":
        this.unknown(found.word);
        return null;
    }
  }

  private letter(letter: string, value: string | null): "version" | Help | null {
    if (COMMANDS.includes(letter)) this.command(letter as CommandLetter, value);
    else if (letter === "V") return "version";
    else if (letter === "h") return new Help(this.helpText());
    else this.option(letter, value ?? "", value);
    return null;
  }

  /** xtables_printhelp; -p brings its match along. */
  private helpText(): string {
    const ofProtocol = this.matches.length === 0 ? this.matchOfProtocol() : null;
    const matches = ofProtocol === null ? this.matches.map(({ name }) => name) : [ofProtocol];
    const isStandard = ["accept", "drop", "return"].includes(this.request.target.kind);
    const target = this.target?.name ?? (isStandard ? "standard" : null);
    const names = target === null ? matches : [target, ...matches];
    return HELP + names.map(extensionHelp).join("");
  }

  private command(letter: CommandLetter, value: string | null): void {
    const { request } = this;
    if (this.inverted) throw wrong("unexpected '!' flag");
    const lists = request.command === "L" || request.command === "S";
    const joins = (letter === "Z" && lists) || (request.command === "Z" && (letter === "L" || letter === "S"));
    if (request.command !== null && !joins) throw wrong(`Cannot use -${letter} with -${shown(request.command)}`);
    if (joins) request.zeroes = true;
    if (!joins || letter !== "Z") request.command = letter;
    const chain = value ?? this.getopt.extra();
    if (chain !== null || !joins) request.chain = chain;
    this.operands(letter, chain);
  }

  /** What stands behind the chain. */
  private operands(letter: CommandLetter, chain: string | null): void {
    const { request } = this;
    switch (letter) {
      case "D":
        this.numberBehind();
        if (request.number > 0) request.command = "#";
        return;
      case "I":
        request.number = 1;
        return this.numberBehind();
      case "L":
      case "S":
      case "Z":
        if (chain !== null) this.numberBehind();
        return;
      case "R": {
        const word = this.getopt.extra();
        if (word === null) throw wrong("-R requires a rule number");
        request.number = ruleNumber(word);
        return;
      }
      case "N":
        return checkNewName(chain!);
      case "E":
        request.newName = this.behind("-E requires old-chain-name and new-chain-name");
        return;
      case "P":
        request.policy = this.behind("-P requires a chain and a policy");
        return;
      default:
        return;
    }
  }

  private numberBehind(): void {
    const word = this.getopt.extra();
    if (word !== null) this.request.number = ruleNumber(word);
  }

  private behind(sentence: string): string {
    const word = this.getopt.extra();
    if (word === null) throw wrong(sentence);
    return word;
  }

  private option(letter: string, value: string, optional: string | null): void {
    const { request } = this;
    switch (letter) {
      case "s":
        this.set("s");
        request.sources = value;
        request.sourceInverted = this.inverted;
        return;
      case "d":
        this.set("d");
        request.destinations = value;
        request.destinationInverted = this.inverted;
        return;
      case "p":
        return this.setProtocol(value);
      case "i":
        this.set("i");
        request.input = this.deviceTest(value);
        return;
      case "o":
        this.set("o");
        request.output = this.deviceTest(value);
        return;
      case "f":
        this.set("f");
        request.fragment = this.inverted ? "no" : "yes";
        return;
      case "j":
      case "g":
        return this.jump(letter, value);
      case "m":
        return this.match(value);
      case "c":
        return this.counters(value);
      default:
        return this.manner(letter, value, optional);
    }
  }

  /** Options that say nothing of packets. */
  private manner(letter: string, value: string, optional: string | null): void {
    const { request } = this;
    switch (letter) {
      case "v":
        if (request.verbose === 0) this.set("v");
        request.verbose++;
        return;
      case "t":
        return this.chooseTable(value);
      case "w":
        return this.wait(optional ?? this.getopt.extra());
      case "W":
        this.warn("Ignoring deprecated --wait-interval option.\n");
        throw wrong("--wait-interval only makes sense with --wait\n");
      case "6":
        throw bare("");
      case "4":
      case "M":
        return;
      default:
        return this.set(letter);
    }
  }

  private set(letter: string): void {
    const { options } = this.request;
    if (options.has(letter)) throw wrong(`multiple -${letter} flags not allowed`);
    options.add(letter);
    if (this.inverted && !INVERTIBLE.includes(letter)) throw wrong(`cannot have ! before -${letter}`);
  }

  private setProtocol(text: string): void {
    this.set("p");
    this.protocolName = text.toLowerCase();
    const number = readProtocol(this.protocolName);
    if (number === 0 && this.inverted) throw wrong("rule would never match protocol");
    this.request.protocol = number === 0 ? null : { number, inverted: this.inverted };
  }

  /** Null where it says nothing: "+" is every device. */
  private deviceTest(name: string): NameTest | null {
    this.warn(checkInterface(name));
    return name === "+" && !this.inverted ? null : { name, inverted: this.inverted };
  }

  private jump(letter: "j" | "g", name: string): void {
    this.set("j");
    if (name === "") throw wrong("Invalid target name (too short)");
    if (name.length >= MAX_CHAIN) throw wrong(`Invalid target name \`${name}' (${MAX_CHAIN - 1} chars max)`);
    const standard = letter === "j" ? standardTarget(name) : null;
    if (standard !== null) this.request.target = standard;
    else {
      this.target = letter === "j" ? newTarget(name) : null;
      this.collect();
      if (this.target !== null) return;
      this.request.jumpTo = name;
      this.request.target = { kind: letter === "j" ? "jump" : "goto", chain: name };
      if (letter === "j" && OTHER_TARGETS.includes(name)) throw notModelled(`target ${name}`);
    }
  }

  private match(name: string): void {
    if (this.inverted) throw wrong("unexpected ! flag before --match");
    const draft = newMatch(name);
    if (draft !== null) this.load(draft);
    else if (OTHER_MATCHES.includes(name)) throw notModelled(`match ${name}`);
    else throw wrong(`Couldn't load match \`${name}':No such file or directory\n`);
  }

  private counters(value: string): void {
    this.set("c");
    const comma = value.indexOf(",", 1);
    const packets = comma < 0 ? value : value.slice(0, comma);
    const bytes = comma < 0 ? this.getopt.extra() : value.slice(comma + 1);
    if (bytes === null) throw wrong("-c requires packet and byte counter");
    if (!/^\s*\+?\d/.test(packets)) throw wrong("-c packet counter not numeric");
    if (!/^\s*\+?\d/.test(bytes)) throw wrong("-c byte counter not numeric");
    this.request.packets = Number.parseInt(packets, 10);
    this.request.bytes = Number.parseInt(bytes, 10);
  }

  private chooseTable(name: string): void {
    if (this.inverted) throw wrong("unexpected ! flag before --table");
    if (this.around.restored !== null) throw wrong("The -t option cannot be used in iptables-restore.\n");
    this.table = name;
  }

  /** There is nobody to wait for: one command at a time changes the tables. */
  private wait(seconds: string | null): void {
    if (this.around.restored !== null) throw wrong("You cannot use `-w' from iptables-restore");
    if (seconds !== null && !/^\s*[+-]?\d+$/.test(seconds)) throw wrong("wait seconds not numeric");
  }

  private extension(name: string, value: string): void {
    const owner = [...this.matches].reverse().find((each) => each.options.some((option) => option.name === name));
    const draft: Draft<unknown> = this.target?.options.some((option) => option.name === name) ? this.target : owner!;
    const { key } = draft.options.find((option) => option.name === name)!;
    draft.take(key, value, this.inverted, this);
  }

  /** load_proto: -p tcp brings -m tcp along when an option asks for it. */
  private unknown(word: string): void {
    const name = this.matchOfProtocol();
    const draft = name === null ? null : newMatch(name);
    const [long = "", ...rest] = word.replace(/^--/, "").split("=");
    const option = word.startsWith("--") ? draft?.options.find((each) => each.name === long) : undefined;
    if (draft === null || option === undefined) throw wrong(`unknown option "${word}"`);
    this.load(draft);
    const value = !option.takesValue ? "" : rest.length > 0 ? rest.join("=") : this.getopt.next();
    if (value === null) throw wrong(`option "${word}" requires an argument`);
    this.extension(long, value);
  }

  private matchOfProtocol(): string | null {
    const number = this.request.protocol?.number;
    const name = number === 6 ? "tcp" : number === 17 ? "udp" : number === 1 ? "icmp" : null;
    return name === null || this.matches.some((each) => each.name === name) ? null : name;
  }

  private finish(): void {
    const { request } = this;
    if (this.table === "nat") refuseFiltering(request);
    request.matches = this.matches.map((each) => each.finish());
    if (this.target !== null) request.target = this.target.finish();
    if (this.getopt.next() !== null) throw wrong("unknown arguments found on commandline");
    if (request.command === null) throw wrong("no command specified");
    if (this.inverted) throw wrong("nothing appropriate following !");
    if (request.sources !== null)
      request.sourceTests = addressTests(request.sources, request.sourceInverted, this.machine);
    if (request.destinations !== null)
      request.destinationTests = addressTests(request.destinations, request.destinationInverted, this.machine);
    const isMany = request.sourceTests.length > 1 || request.destinationTests.length > 1;
    if (isMany && (request.sourceInverted || request.destinationInverted))
      throw wrong("! not allowed with multiple source or destination IP addresses");
    if (request.command === "R" && isMany) throw wrong("Replacement rule does not specify a unique address");
    checkOptions(request, request.command);
    checkChain(request, request.command);
    checkProtocols(request);
    request.table = tableNamed(this.table);
  }
}

function refuseFiltering({ policy, target, jumpTo }: Request): void {
  if (policy === "DROP" || target.kind === "drop" || jumpTo === "DROP")
    throw wrong('\nThe "nat" table is not intended for filtering, the use of DROP is therefore inhibited.\n\n');
}

const shown = (letter: CommandLetter): string => (letter === "#" ? "D" : letter);

/** A mask of 0 tests nothing. */
const addressTests = (text: string, inverted: boolean, machine: Box) =>
  readAddresses(text, inverted, machine).map((each) => (each.mask === 0 && !inverted ? null : each));
