/** What one command line asks for, after all of it has been read. */
import type { AddressTest, Match, NameTest, RuleSpec, Target, Wanted } from "../../../stack/netfilter/rule.ts";
import type { TableName } from "../../../stack/netfilter/table.ts";

/** Letters of the commands; "#" is -D with a number. */
export type CommandLetter = "A" | "C" | "D" | "#" | "E" | "F" | "I" | "L" | "N" | "P" | "R" | "S" | "X" | "Z";

export class Request {
  table: TableName = "filter";
  command: CommandLetter | null = null;
  /** -Z beside -L or -S. */
  zeroes = false;
  chain: string | null = null;
  /** From 1; 0 when none was given. */
  number = 0;
  newName = "";
  policy = "";
  verbose = 0;
  /** Options given, by letter; "0" is --line-numbers. */
  readonly options = new Set<string>();
  sources: string | null = null;
  sourceInverted = false;
  destinations: string | null = null;
  destinationInverted = false;
  sourceTests: (AddressTest | null)[] = [null];
  destinationTests: (AddressTest | null)[] = [null];
  input: NameTest | null = null;
  output: NameTest | null = null;
  protocol: { readonly number: number; readonly inverted: boolean } | null = null;
  fragment: Wanted = null;
  matches: readonly Match[] = [];
  target: Target = { kind: "none" };
  /** -j or -g with a name that is no target: a chain, if there is one. */
  jumpTo: string | null = null;
  packets = 0;
  bytes = 0;

  /** The table stays as it is, whatever goes wrong. */
  get onlyReads(): boolean {
    const { command } = this;
    return (command === "L" || command === "S" || command === "C") && !this.zeroes;
  }

  /** One for each pair of addresses. */
  get specs(): RuleSpec[] {
    return this.sourceTests.flatMap((source) =>
      this.destinationTests.map((destination) => this.spec(source, destination)),
    );
  }

  private spec(source: AddressTest | null, destination: AddressTest | null): RuleSpec {
    const { input, output, protocol, fragment, matches, target } = this;
    return { source, destination, input, output, protocol, fragment, matches, target };
  }
}
