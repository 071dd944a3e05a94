/** The printers of `ip link` and of the first lines of `ip addr`. Follows print_linkinfo of iproute2 6.1's ip/ipaddress.c. */
import type { NetDevice } from "../../../device/device.ts";
import type { Detail } from "./bridge-facts.ts";
import type { Json } from "./json.ts";
import { type LinkDetails, type LinkFacts, linkDetails, linkFacts } from "./link-facts.ts";
import { statisticsJson, statisticsLines } from "./link-statistics.ts";
import { type IpOptions, lineEnd } from "./run.ts";

/** Who prints: `ip link`, `ip addr`, or `ip monitor`, which leaves out the queue. */
export type LinkStyle = "link" | "addr" | "monitor";

/** With the newline at its end. */
export function linkText(device: NetDevice, options: IpOptions, style: LinkStyle): string {
  const facts = linkFacts(device);
  const lines = [firstLine(facts, style)];
  if (options.family !== "inet" || style === "link" || options.details) {
    const [addresses, ...more] = options.details
      ? detailLines(facts, linkDetails(device), style)
      : [addressLine(facts)];
    lines.push(addresses!, ...more);
  }
  if (style === "link" && options.statistics > 0) lines.push(...statisticsLines(device, options.statistics > 1));
  return `${lines.join(lineEnd(options))}\n`;
}

const shownName = ({ name, peer }: LinkFacts): string => {
  if (peer === null) return name;
  return `${name}@${peer.isLocal ? peer.name : `if${peer.index}`}`;
};

const flagText = (facts: LinkFacts): string => `<${facts.flags.join(",")}>`;

function firstLine(facts: LinkFacts, style: LinkStyle): string {
  const words = [`${facts.index}: ${shownName(facts)}: ${flagText(facts)} mtu ${facts.mtu} qdisc ${facts.qdisc} `];
  if (facts.master !== null) words.push(`master ${facts.master} `);
  words.push(`state ${facts.state} `);
  if (style === "link") words.push("mode DEFAULT ");
  words.push("group default ");
  if (style !== "monitor" && facts.queueLength !== 0) words.push(`qlen ${facts.queueLength}`);
  return words.join("");
}

function addressLine(facts: LinkFacts): string {
  const permanent = facts.permanentAddress === null ? "" : ` permaddr ${facts.permanentAddress}`;
  const elsewhere = facts.peer?.isLocal === false ? " link-netnsid 0" : "";
  return `    link/${facts.type} ${facts.address} brd ${facts.broadcast}${permanent}${elsewhere}`;
}

function detailLines(facts: LinkFacts, details: LinkDetails, style: LinkStyle): string[] {
  const { promiscuity, allMulticast, minMtu, maxMtu, kind, kindDetails, portDetails } = details;
  const lines = [
    `${addressLine(facts)} promiscuity ${promiscuity}  allmulti ${allMulticast} minmtu ${minMtu} maxmtu ${maxMtu} `,
  ];
  if (kind !== "") lines.push(`    ${kind} ${joined(kindDetails)}`);
  if (portDetails !== null) lines.push(`    bridge_slave ${joined(portDetails)}`);
  lines.push(lines.pop()! + joined(queueDetails(details, style)));
  return lines;
}

const joined = (details: readonly Detail[]): string => details.map(({ text }) => `${text} `).join("");

function queueDetails(details: LinkDetails, style: LinkStyle): Detail[] {
  const { queues, maxSegmentation, parentBus, parentDevice } = details;
  const all: readonly (readonly [word: string, key: string, value: string | number | null])[] = [
    ["addrgenmode", "inet6_addr_gen_mode", style === "link" ? "eui64" : null],
    ["numtxqueues", "num_tx_queues", queues],
    ["numrxqueues", "num_rx_queues", queues],
    ["gso_max_size", "gso_max_size", 65_536],
    ["gso_max_segs", "gso_max_segs", 65_535],
    ["tso_max_size", "tso_max_size", maxSegmentation],
    ["tso_max_segs", "tso_max_segs", 65_535],
    ["gro_max_size", "gro_max_size", 65_536],
    ["parentbus", "parentbus", parentBus],
    ["parentdev", "parentdev", parentDevice],
  ];
  return all
    .filter(([, , value]) => value !== null)
    .map(([word, key, value]) => ({ text: `${word} ${value}`, key, value }));
}

/** Without newline: `ip addr` goes on behind it. */
export function linkBrief(device: NetDevice, style: LinkStyle): string {
  const facts = linkFacts(device);
  const start = `${shownName(facts).padEnd(16)} ${facts.state.padEnd(14)} `;
  return style === "link" ? `${start}${facts.address} ${flagText(facts)} ` : start;
}

type JsonObject = { readonly [key: string]: Json };

export function linkJson(device: NetDevice, options: IpOptions, style: LinkStyle): JsonObject {
  const facts = linkFacts(device);
  if (options.brief) return briefJson(facts, style);
  const withAddress = options.family !== "inet" || style === "link" || options.details;
  return {
    ifindex: facts.index,
    ...nameJson(facts),
    flags: facts.flags,
    mtu: facts.mtu,
    qdisc: facts.qdisc,
    ...(facts.master === null ? {} : { master: facts.master }),
    operstate: facts.state,
    ...(style === "link" ? { linkmode: "DEFAULT" } : {}),
    group: "default",
    ...(facts.queueLength === 0 ? {} : { txqlen: facts.queueLength }),
    ...(withAddress ? addressJson(facts) : {}),
    ...(options.details ? detailsJson(linkDetails(device), style) : {}),
    ...(style === "link" && options.statistics > 0 ? { stats64: statisticsJson(device, options.statistics > 1) } : {}),
  };
}

function nameJson({ name, peer }: LinkFacts): JsonObject {
  if (peer === null) return { ifname: name };
  return peer.isLocal ? { link: peer.name, ifname: name } : { link_index: peer.index, ifname: name };
}

function addressJson(facts: LinkFacts): JsonObject {
  return {
    link_type: facts.type,
    address: facts.address,
    broadcast: facts.broadcast,
    ...(facts.permanentAddress === null ? {} : { permaddr: facts.permanentAddress }),
    ...(facts.peer?.isLocal === false ? { link_netnsid: 0 } : {}),
  };
}

function briefJson(facts: LinkFacts, style: LinkStyle): JsonObject {
  const rest = style === "link" ? { address: facts.address, flags: facts.flags } : {};
  return { ...nameJson(facts), operstate: facts.state, ...rest };
}

function detailsJson(details: LinkDetails, style: LinkStyle): JsonObject {
  const { kind, kindDetails, portDetails } = details;
  const info = {
    ...(kind === "" ? {} : { info_kind: kind }),
    ...(kindDetails.length === 0 ? {} : { info_data: keyed(kindDetails) }),
    ...(portDetails === null ? {} : { info_slave_kind: "bridge", info_slave_data: keyed(portDetails) }),
  };
  return {
    promiscuity: details.promiscuity,
    allmulti: details.allMulticast,
    min_mtu: details.minMtu,
    max_mtu: details.maxMtu,
    ...(Object.keys(info).length === 0 ? {} : { linkinfo: info }),
    ...keyed(queueDetails(details, style)),
  };
}

const keyed = (details: readonly Detail[]): JsonObject =>
  Object.fromEntries(details.filter(({ key }) => key !== null).map(({ key, value }) => [key!, value]));
