/** -j SNAT, DNAT, MASQUERADE and REDIRECT: libxt_NAT of iptables 1.8.9. Not modelled: DNAT's base port. */
import type { NatRange, Target } from "../../../../stack/netfilter/rule.ts";
import { Draft, type ExtensionOption, flag, type OptionReader, option } from "../extension.ts";
import { type TargetOf, targetFamily } from "./family.ts";
import { EMPTY_RANGE, mannerText, portsText, rangeText, readNatPorts, readTo } from "./nat-range.ts";

type Kind = "snat" | "dnat" | "masquerade" | "redirect";

const mandatory = { mandatory: true };
const [random, fully, persistent] = [flag("random"), flag("random-fully"), flag("persistent")];
const OPTIONS: Readonly<Record<Kind, readonly ExtensionOption[]>> = {
  snat: [option("to-source", mandatory), random, fully, persistent],
  dnat: [option("to-destination", mandatory), random, persistent],
  masquerade: [option("to-ports"), random, fully],
  redirect: [option("to-ports"), random],
};
const KINDS: readonly Kind[] = ["snat", "dnat", "masquerade", "redirect"];

class NatDraft extends Draft<Target> {
  readonly name: string;
  readonly options: readonly ExtensionOption[];
  private readonly kind: Kind;
  private range: NatRange = EMPTY_RANGE;

  constructor(kind: Kind) {
    super();
    this.kind = kind;
    this.name = kind.toUpperCase();
    this.options = OPTIONS[kind];
  }

  protected accept(key: string, value: string, _inverted: boolean, { protocol }: OptionReader): void {
    this.range = { ...this.range, ...this.change(key, value, protocol) };
  }

  private change(key: string, value: string, protocol: OptionReader["protocol"]): Partial<NatRange> {
    switch (key) {
      case "random":
        return { random: true };
      case "random-fully":
        return { fullyRandom: true };
      case "persistent":
        return { persistent: true };
      case "to-ports":
        return readNatPorts(value, protocol);
      default:
        return readTo(value, protocol);
    }
  }

  protected result(): Target {
    return { kind: this.kind, range: this.range };
  }
}

const hasPorts = (range: NatRange): boolean => range.toPort !== 0;

function save({ kind, range }: TargetOf<Kind>): string {
  const to = { snat: "--to-source", dnat: "--to-destination", masquerade: "--to-ports", redirect: "--to-ports" }[kind];
  const where = kind === "snat" || kind === "dnat" ? rangeText(range) : hasPorts(range) ? portsText(range) : "";
  return `${where === "" ? "" : ` ${to} ${where}`}${mannerText(range, "--")}`;
}

function list({ kind, range }: TargetOf<Kind>): string {
  const manner = mannerText(range, "");
  if (kind === "snat" || kind === "dnat") return `${rangeText(range) === "" ? "" : ` to:${rangeText(range)}`}${manner}`;
  const words = kind === "masquerade" ? " masq ports: " : " redir ports ";
  return `${hasPorts(range) ? words + portsText(range) : ""}${manner}`;
}

export const nat = targetFamily({
  kinds: KINDS,
  draft(name) {
    const kind = KINDS.find((each) => each.toUpperCase() === name);
    return kind === undefined ? null : new NatDraft(kind);
  },
  save,
  list,
});
