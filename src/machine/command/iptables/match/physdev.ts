/** -m physdev: libxt_physdev of iptables 1.8.9. */
import type { Match, NameTest, PhysdevMatch, Wanted } from "../../../../stack/netfilter/rule.ts";
import { Draft, flag, type OptionReader, option } from "../extension.ts";
import { nameText, wantedText } from "../print-words.ts";
import { wrong } from "../problem.ts";
import { checkInterface } from "../values.ts";
import { matchFamily } from "./family.ts";

const invertible = { invertible: true };
const OPTIONS = [
  option("physdev-in", invertible),
  option("physdev-out", invertible),
  flag("physdev-is-in", invertible),
  flag("physdev-is-out", invertible),
  flag("physdev-is-bridged", invertible),
];

class PhysdevDraft extends Draft<Match> {
  readonly name = "physdev";
  readonly options = OPTIONS;
  private readonly names = new Map<string, NameTest>();
  private readonly wanted = new Map<string, Wanted>();

  protected accept(key: string, value: string, inverted: boolean, reader: OptionReader): void {
    if (key === "physdev-in" || key === "physdev-out") {
      reader.warn(checkInterface(value));
      this.names.set(key, { name: value, inverted });
    } else this.wanted.set(key, inverted ? "no" : "yes");
  }

  protected override check(): void {
    if (this.given.size === 0) throw wrong("PHYSDEV: no physdev option specified");
  }

  protected result(): Match {
    return {
      kind: "physdev",
      input: this.names.get("physdev-in") ?? null,
      isIn: this.wanted.get("physdev-is-in") ?? null,
      output: this.names.get("physdev-out") ?? null,
      isOut: this.wanted.get("physdev-is-out") ?? null,
      isBridged: this.wanted.get("physdev-is-bridged") ?? null,
    };
  }
}

function save({ input, isIn, output, isOut, isBridged }: PhysdevMatch): string {
  const parts = [
    wantedText("--physdev-is-in", isIn),
    nameText("--physdev-in", input),
    wantedText("--physdev-is-out", isOut),
    nameText("--physdev-out", output),
    wantedText("--physdev-is-bridged", isBridged),
  ];
  return parts
    .filter((each) => each !== "")
    .map((each) => ` ${each}`)
    .join("");
}

export const physdev = matchFamily({
  kind: "physdev",
  draft: (name) => (name === "physdev" ? new PhysdevDraft() : null),
  save,
  list: (match) => ` PHYSDEV match${save(match)}`,
});
