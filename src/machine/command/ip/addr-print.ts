/** The printers of IPv4 addresses. Follows print_addrinfo of iproute2 6.1's ip/ipaddress.c. */
import { formatIpv4 } from "../../../packet/address.ts";
import type { IfAddress } from "../../../stack/addresses.ts";
import type { Json } from "./json.ts";
import { scopeName } from "./names.ts";
import { type IpOptions, lineEnd } from "./run.ts";

/** INFINITY_LIFE_TIME: the lifetime of every address here. */
const FOREVER = 0xffff_ffff;

/** With the newline at its end; `named`: index and device stand before it (-o, monitor, flush). */
export function addressText(address: IfAddress, options: IpOptions, named: boolean): string {
  const { device } = address;
  const start = named ? `${device.index}: ${device.name}` : "";
  const broadcast = address.broadcast === null ? "" : `brd ${formatIpv4(address.broadcast)} `;
  const secondary = address.secondary ? "secondary " : "";
  const local = `${formatIpv4(address.address)}/${address.prefix}`;
  const first = `${start}    inet ${local} ${broadcast}scope ${scopeName(address.scope)} ${secondary}${address.label}`;
  return `${first}${lineEnd(options)}       valid_lft forever preferred_lft forever\n`;
}

export const addressBrief = (address: IfAddress): string => `${formatIpv4(address.address)}/${address.prefix} `;

export function addressJson(address: IfAddress, options: IpOptions): Json {
  const local = { local: formatIpv4(address.address), prefixlen: address.prefix };
  if (options.brief) return local;
  return {
    ...(options.oneLine ? { index: address.device.index, dev: address.device.name } : {}),
    family: "inet",
    ...local,
    ...(address.broadcast === null ? {} : { broadcast: formatIpv4(address.broadcast) }),
    scope: scopeName(address.scope),
    ...(address.secondary ? { secondary: true } : {}),
    label: address.label,
    valid_life_time: FOREVER,
    preferred_life_time: FOREVER,
  };
}
