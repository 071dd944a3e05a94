/** The printers of policy rules. Follows print_rule of iproute2 6.1's ip/iprule.c. */
import { formatIpv4 } from "../../../packet/address.ts";
import { RuleAction, type RuleFields } from "../../../stack/fib-rules.ts";
import { RouteProtocol } from "../../../stack/route-table.ts";
import type { Json } from "./json.ts";
import { protocolName, routeTypeName, tableName } from "./names.ts";

export interface RuleHiding {
  readonly details: boolean;
  hasDevice(name: string): boolean;
}

const hex = (value: number): string => `0x${value.toString(16)}`;

const prefixText = ({ address, prefix }: RuleFields["from"]): string =>
  prefix === 32 ? formatIpv4(address) : `${formatIpv4(address)}/${prefix}`;

function markText({ mark, mask }: RuleFields): string {
  if (mark === 0 && mask === 0) return "";
  return mask === 0xffff_ffff ? ` fwmark ${hex(mark)}` : ` fwmark ${hex(mark)}/${hex(mask)}`;
}

function deviceText(word: string, name: string | null, hiding: RuleHiding): string {
  if (name === null) return "";
  return ` ${word} ${name}${hiding.hasDevice(name) ? "" : " [detached]"}`;
}

const actionText = ({ action, table }: RuleFields): string =>
  action === RuleAction.TO_TABLE ? ` lookup ${tableName(table)}` : ` ${routeTypeName(action)}`;

/** The kernel's own are not told of, unless everything is. */
const tellsProtocol = ({ protocol }: RuleFields, { details }: RuleHiding): boolean =>
  details || (protocol !== 0 && protocol !== RouteProtocol.KERNEL);

/** With the newline at its end. */
export function ruleText(rule: RuleFields, hiding: RuleHiding): string {
  const { priority, from, to, iif, oif, inverted, protocol } = rule;
  const sender = from.prefix === 0 ? "all" : prefixText(from);
  const target = to.prefix === 0 ? "" : ` to ${prefixText(to)}`;
  const devices = deviceText("iif", iif, hiding) + deviceText("oif", oif, hiding);
  const by = tellsProtocol(rule, hiding) ? ` proto ${protocolName(protocol)}` : "";
  const start = `${priority}:\t${inverted ? "not " : ""}from ${sender}${target}`;
  return `${start}${markText(rule)}${devices}${actionText(rule)}${by}\n`;
}

const prefixJson = (key: string, { address, prefix }: RuleFields["from"]): { [key: string]: Json } => ({
  [key]: formatIpv4(address),
  ...(prefix === 32 ? {} : { [`${key}len`]: prefix }),
});

function deviceJson(key: string, name: string | null, hiding: RuleHiding): { [key: string]: Json } {
  if (name === null) return {};
  return { [key]: name, ...(hiding.hasDevice(name) ? {} : { [`${key}_detached`]: null }) };
}

function markJson({ mark, mask }: RuleFields): { [key: string]: Json } {
  if (mark === 0 && mask === 0) return {};
  return { fwmark: hex(mark), ...(mask === 0xffff_ffff ? {} : { fwmask: hex(mask) }) };
}

export function ruleJson(rule: RuleFields, hiding: RuleHiding): Json {
  const { priority, from, to, iif, oif, inverted, action, table, protocol } = rule;
  return {
    priority,
    ...(inverted ? { not: null } : {}),
    ...(from.prefix === 0 ? { src: "all" } : prefixJson("src", from)),
    ...(to.prefix === 0 ? {} : prefixJson("dst", to)),
    ...markJson(rule),
    ...deviceJson("iif", iif, hiding),
    ...deviceJson("oif", oif, hiding),
    ...(action === RuleAction.TO_TABLE ? { table: tableName(table) } : { action: routeTypeName(action) }),
    ...(tellsProtocol(rule, hiding) ? { protocol: protocolName(protocol) } : {}),
  };
}
