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
}

const CLASSIC: RuleStyle = { adding: "-A", bothWays: false, waits: false };
const MODERN: RuleStyle = { adding: "-I", bothWays: true, waits: true };

/** What each pair of rules is for: every address of `ip=` and the guest's DHCP requests, or anything at all. */
function matches(script: ScriptView): string[] {
  const addresses = script
    .get("ip")
    .split(/\s+/)
    .filter((word) => word !== "");
  return addresses.length === 0 ? [""] : [...addresses.map((ip) => `-s ${ip} `), "-p udp --sport 68 --dport 67 "];
}

function rules(script: ScriptView, style: RuleStyle): string {
  const adds = script.get("command") === "online" || script.get("command") === "add";
  const wait = style.waits ? "-w " : "";
  const bridged = style.bothWays ? "--physdev-is-bridged " : "";
  const head = `iptables ${wait}${adds ? style.adding : "-D"} FORWARD -m physdev ${bridged}`;
  const device = script.get("dev");
  return matches(script)
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
      why: "Matters where the FORWARD policy is DROP: then only what a rule accepts is forwarded. The first such rule loads br_netfilter.",
      when: works,
      quiet: true,
      failure: "ignored",
    },
  ];
}

/** Xen 3.0 and 3.1. */
export const classicRules: readonly ScriptStep[] = steps(CLASSIC);
/** Xen 4.1 and later, as upstream ships it. */
export const modernRules: readonly ScriptStep[] = steps(MODERN);
