/**
 * The iptables rules of the vif scripts: handle_iptable and frob_iptable of vif-common.sh. They let a guest's frames pass
 * where the FORWARD policy is DROP, and restrict nothing where it is not.
 */
import type { Condition, ScriptStep, ScriptView } from "./script.ts";

interface RuleStyle {
  /** `-A` until 3.x, `-I` since 4.0. */
  readonly adding: "-A" | "-I";
  /** Since 4.0 a second rule for the other direction, since 4.1 only for what is bridged. */
  readonly bothWays: boolean;
  /** `-w`: waits for the lock, where the installed iptables knows it. */
  readonly waits: boolean;
  /** Verbs that add the rules; any other takes them away, also `add` for a tap before 4.13. */
  readonly adds: readonly string[];
  /** `for addr in "$ip"`: several addresses are one word, which iptables refuses. */
  readonly quotes?: boolean;
}

const CLASSIC: RuleStyle = { adding: "-A", bothWays: false, waits: false, adds: ["online"] };
const FIRST: RuleStyle = { ...CLASSIC, quotes: true };
const XEND_4: RuleStyle = { adding: "-I", bothWays: true, waits: false, adds: ["online"] };
const MODERN: RuleStyle = { adding: "-I", bothWays: true, waits: true, adds: ["online", "add"] };

/** What each pair of rules is for: every address of `ip=` and the guest's DHCP requests, or anything at all. */
function matches(script: ScriptView, quotes: boolean): string[] {
  const addresses = script
    .get("ip")
    .split(quotes ? "\n" : /\s+/)
    .filter((word) => word !== "");
  return addresses.length === 0 ? [""] : [...addresses.map((ip) => `-s ${ip} `), "-p udp --sport 68 --dport 67 "];
}

function rules(script: ScriptView, style: RuleStyle): string {
  const adds = style.adds.includes(script.get("command"));
  const wait = style.waits ? "-w " : "";
  const bridged = style.bothWays ? "--physdev-is-bridged " : "";
  const head = `iptables ${wait}${adds ? style.adding : "-D"} FORWARD -m physdev ${bridged}`;
  const device = script.get("dev");
  return matches(script, style.quotes === true)
    .flatMap((match) => [
      `${head}--physdev-in ${device} ${match}-j ACCEPT`,
      ...(style.bothWays ? [`${head}--physdev-out ${device} -j ACCEPT`] : []),
    ])
    .join("\n");
}

function steps(style: RuleStyle): ScriptStep[] {
  const works: Condition = (script) => script.get("iptables") === "yes";
  const look = (why: string): ScriptStep => ({
    run: style.waits ? "iptables -w -L -n" : "iptables -L -n",
    why,
    reads: true,
    quiet: true,
    failure: "ignored",
  });
  return [
    ...(style.waits ? [look("Does this iptables know -w, waiting for its lock?")] : []),
    look("Is there an iptables at all? Without one the rules are left out in silence."),
    { set: "iptables", to: (script) => (script.get("?") === "0" ? "yes" : "") },
    { set: "rules", to: (script) => rules(script, style) },
    {
      run: "$line",
      each: "rules",
      // The second of a pair is only tried when the first was taken.
      whenLine: (script) => !script.get("line").includes("--physdev-out") || script.get("?") === "0",
      why: "Matters where the FORWARD policy is DROP: then only what a rule accepts is forwarded. The first such rule loads br_netfilter.",
      when: works,
      quiet: true,
      failure: "ignored",
    },
  ];
}

/** Xen 3.0. */
export const firstRules: readonly ScriptStep[] = steps(FIRST);
/** Xen 3.1. */
export const classicRules: readonly ScriptStep[] = steps(CLASSIC);
/** Xen 4.1 to 4.2, whose scripts know no lock of iptables. */
export const xend4Rules: readonly ScriptStep[] = steps(XEND_4);
/** Xen 4.13 and later, as upstream ships it. */
export const modernRules: readonly ScriptStep[] = steps(MODERN);
