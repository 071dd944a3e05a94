/**
 * The options of a reply, in dnsmasq's order: T1, T2, netmask and broadcast always, the rest when the client asked, and
 * what the configuration says. Follows do_options of rfc2131.c, 2.90.
 */
import { get32, put32 } from "../../../base/bytes.ts";
import * as dhcp from "../../../packet/dhcp.ts";
import type { Context } from "./range-choice.ts";
import { type DhcpOption, INFINITE, type Settings } from "./settings.ts";
import { hasTags, type Tags } from "./tags.ts";

const { OptionCode } = dhcp;

export interface Reply {
  /** Null for a DHCPINFORM from an address that no range knows. */
  readonly context: Context | null;
  readonly request: dhcp.Message;
  readonly hostname: string | null;
  readonly domain: string | null;
  /** Seconds; INFINITE: no lease is spoken of. */
  readonly leaseTime: number;
  /** Taken from T1 and T2, so that renewals do not come all at once. */
  readonly fuzz: number;
  readonly tags: Tags;
}

/** Written by us alone, whatever the configuration says. */
const OURS: ReadonlySet<number> = new Set([
  ...[OptionCode.CLIENT_FQDN, OptionCode.MAX_SIZE, OptionCode.OVERLOAD, OptionCode.RENEWAL_TIME],
  OptionCode.REBINDING_TIME,
]);

export function replyOptions(settings: Settings, reply: Reply): dhcp.Option[] {
  const { context, request, hostname, domain, tags } = reply;
  const asked = dhcp.option(request, OptionCode.PARAMETERS);
  const isAsked = (code: number): boolean => asked?.includes(code) ?? false;
  const configured = chooseOptions(settings.options, tags);
  const isConfigured = (code: number): boolean => configured.some((each) => each.code === code);
  const options = leaseTimes(reply, configured);
  const add = (code: number, needsAsking: boolean, make: () => dhcp.Option): void => {
    if ((!needsAsking || isAsked(code)) && !isConfigured(code)) options.push(make());
  };
  if (context !== null) {
    const { netmask, broadcast, local } = context;
    add(OptionCode.SUBNET_MASK, false, () => dhcp.numberOption(OptionCode.SUBNET_MASK, netmask));
    add(OptionCode.BROADCAST, false, () => dhcp.numberOption(OptionCode.BROADCAST, broadcast));
    add(OptionCode.ROUTER, true, () => dhcp.numberOption(OptionCode.ROUTER, local));
    if (settings.port === 53) add(OptionCode.DNS_SERVER, true, () => dhcp.numberOption(OptionCode.DNS_SERVER, local));
  }
  if (domain !== null) add(OptionCode.DOMAIN_NAME, true, () => dhcp.textOption(OptionCode.DOMAIN_NAME, domain));
  if (hostname !== null) add(OptionCode.HOST_NAME, true, () => dhcp.textOption(OptionCode.HOST_NAME, hostname));
  for (const each of configured) {
    if (each.data === null || OURS.has(each.code) || !(each.isForced || isAsked(each.code))) continue;
    options.push({ code: each.code, data: filledIn(each, each.data, context) });
  }
  return options;
}

function leaseTimes({ leaseTime, fuzz }: Reply, configured: readonly DhcpOption[]): dhcp.Option[] {
  if (leaseTime === INFINITE) return [];
  const wanted = (code: number, otherwise: number): number => {
    const data = configured.find((each) => each.code === code)?.data ?? null;
    const value = data?.length === 4 ? get32(data, 0) : 0;
    return value > 2 && value < leaseTime ? value : otherwise;
  };
  const t2 = wanted(OptionCode.REBINDING_TIME, Math.floor((leaseTime * 7) / 8));
  const t1 = Math.min(wanted(OptionCode.RENEWAL_TIME, Math.floor(leaseTime / 2)), t2 - 1);
  let less = fuzz;
  while (less > Math.floor(t1 / 8)) less = Math.floor(less / 2);
  return [
    dhcp.numberOption(OptionCode.RENEWAL_TIME, t1 - less),
    dhcp.numberOption(OptionCode.REBINDING_TIME, t2 - less),
  ];
}

/** option_filter: of one number, those with fitting tags go before those without any; the last one written wins. */
function chooseOptions(options: readonly DhcpOption[], tags: Tags): DhcpOption[] {
  const chosen = new Map<number, DhcpOption>();
  for (const option of options) {
    const known = chosen.get(option.code);
    const isTagged = option.needs.length > 0;
    if (!hasTags(option.needs, tags) || (known !== undefined && known.needs.length > 0 && !isTagged)) continue;
    chosen.set(option.code, option);
  }
  // The list is built from the end: the last line of the file comes first.
  return [...options].reverse().filter((option) => chosen.get(option.code) === option);
}

function filledIn({ ours }: DhcpOption, data: Uint8Array, context: Context | null): Uint8Array {
  if (ours.length === 0 || context === null) return data;
  const filled = data.slice();
  for (const at of ours) put32(filled, at, context.local);
  return filled;
}
