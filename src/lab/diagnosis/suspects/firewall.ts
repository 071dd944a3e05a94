/** Packets of a goal that a chain of iptables ended, on whichever machine: by a rule, or by its policy. */
import { Fate } from "../../../base/fate.ts";
import { ruleText } from "../../../machine/command/iptables/print-rule.ts";
import type { Machine } from "../../../machine/machine.ts";
import { formatIpv4 } from "../../../packet/address.ts";
import { Protocol } from "../../../packet/ipv4.ts";
import type { TableName } from "../../../stack/netfilter/table.ts";
import { type Clues, distinct, lostBy, on, type Suspect, type Suspicion } from "../suspect.ts";
import type { LostFrame } from "../trial.ts";
import { ruleMet } from "./rule-met.ts";

const DHCP_SERVER = 67;
const BUILT_IN = /^(PREROUTING|INPUT|FORWARD|OUTPUT|POSTROUTING)$/;
const PROTOCOLS: Readonly<Record<number, string>> = {
  [Protocol.ICMP]: "icmp",
  [Protocol.UDP]: "udp",
  [Protocol.TCP]: "tcp",
};

export const firewall: Suspect = {
  name: "firewall",
  find: (clues) =>
    distinct(
      lostBy(clues, Fate.NETFILTER_POLICY, Fate.NETFILTER_DROP, Fate.NETFILTER_REJECT).map(({ frame, machine }) =>
        suspicionOf(clues, frame, machine),
      ),
    ),
};

function suspicionOf(clues: Clues, frame: LostFrame, machine: Machine): Suspicion {
  const [table = "filter", chain = ""] = frame.owner.split(".");
  const { number, chains } = ruleMet(clues, frame);
  const hook = chains.find((name) => BUILT_IN.test(name)) ?? chain;
  const rule = number === null ? null : ruleOf(machine, table as TableName, chain, number);
  const how = rule === null ? `the policy of ${chain}` : `rule ${number} of ${chain}, "${rule}",`;
  const option = table === "filter" ? "" : ` -t ${table}`;
  const accept = acceptLines(machine, frame, hook, option);
  const away =
    rule === null || !BUILT_IN.test(chain) ? [] : [on(machine.name, `iptables${option} ${rule.replace(/^-A/, "-D")}`)];
  return {
    at: machine.name,
    what: `${how} drops ${packetWords(frame)}.`,
    evidence: [
      ...(rule === null ? [`-P ${chain} DROP, and no rule before it accepts them`] : [`${rule}: met by them`]),
      ...(chain === hook ? [] : [`they come there from ${hook}`]),
    ],
    cause:
      CAUSES[chain] ?? CAUSES[hook] ?? "Its rules let through what they name, and these packets are not among them.",
    look: [`iptables${option} -nvL ${chain}`, `iptables${option} -S`],
    mends: [...away, accept],
  };
}

const CAUSES: Readonly<Record<string, string>> = {
  LIBVIRT_FWI:
    "libvirt lets nothing new in to a network of its own, neither from outside nor from its other networks: only answers pass. What is put before its chains is asked first.",
  INPUT: "INPUT decides about packets for the machine itself: they come as far as to it, and no program hears of them.",
  OUTPUT: "OUTPUT decides about what the machine itself sends: it does not leave it.",
  FORWARD:
    "FORWARD decides about what the machine passes on for others, and with br_netfilter about bridged packets too.",
};

function ruleOf({ net }: Machine, table: TableName, chain: string, number: number): string | null {
  const rule = net.netfilter.table(table).chains.get(chain)?.rules[number - 1];
  return rule === undefined ? null : ruleText(chain, rule.spec);
}

function packetWords({ packet }: LostFrame): string {
  if (packet === null) return "its frames";
  if (packet.protocol === Protocol.UDP && packet.destinationPort === DHCP_SERVER) return "requests for a DHCP lease";
  const protocol = PROTOCOLS[packet.protocol]?.toUpperCase() ?? `protocol ${packet.protocol}`;
  return `${protocol} from ${formatIpv4(packet.source)} to ${formatIpv4(packet.destination)}`;
}

function testWords({ packet }: LostFrame): string {
  const protocol = PROTOCOLS[packet?.protocol ?? 0];
  if (packet === null || protocol === undefined) return "";
  return `-p ${protocol} ${packet.destinationPort === null ? "" : `--dport ${packet.destinationPort} `}`;
}

function acceptLines(machine: Machine, lost: LostFrame, hook: string, option: string) {
  const { packet } = lost;
  const insert = `iptables${option} -I ${hook}`;
  if (hook !== "FORWARD" || packet === null) return on(machine.name, `${insert} ${testWords(lost)}-j ACCEPT`);
  const { fib } = machine.net;
  const from = fib.lookup(packet.source)?.device?.name;
  const to = fib.lookup(packet.destination)?.device?.name;
  if (from === undefined || to === undefined) return on(machine.name, `${insert} -j ACCEPT`);
  // Between two ports of a bridge it is the same device, and only br_netfilter shows the packet to the chain.
  if (from === to) return on(machine.name, `${insert} -m physdev --physdev-is-bridged -j ACCEPT`);
  return on(machine.name, `${insert} -i ${from} -o ${to} -j ACCEPT`, `${insert} -i ${to} -o ${from} -j ACCEPT`);
}
