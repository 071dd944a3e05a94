/** Which interfaces and addresses a dnsmasq serves (iface_check of network.c). */
import type { Ipv4 } from "../../../packet/address.ts";
import type { Settings } from "./settings.ts";

/** "vif*" means every name that starts so. */
const matches = (pattern: string, name: string): boolean =>
  pattern.endsWith("*") ? name.startsWith(pattern.slice(0, -1)) : pattern === name;

const isOneOf = (patterns: readonly string[], name: string): boolean =>
  patterns.some((pattern) => matches(pattern, name));

/** The loopback comes with every `interface=`, unless it is excepted. */
export function servesInterface(settings: Settings, name: string): boolean {
  if (isOneOf(settings.exceptInterfaces, name)) return false;
  if (settings.interfaces.length === 0) return settings.listenAddresses.length === 0;
  return name === "lo" || isOneOf(settings.interfaces, name);
}

export const servesAddress = (settings: Settings, name: string, address: Ipv4): boolean =>
  !isOneOf(settings.exceptInterfaces, name) &&
  (servesInterface(settings, name) || settings.listenAddresses.includes(address));

export const servesDhcp = (settings: Settings, name: string): boolean => !isOneOf(settings.noDhcpInterfaces, name);

/** One socket for each address, instead of one for all. */
export const bindsAddresses = (settings: Settings): boolean =>
  settings.has("bind-interfaces") || settings.has("bind-dynamic");

/** The one interface that DHCP is tied to, when it is alone (whichdevice of dhcp-common.c). */
export function onlyInterface(settings: Settings): string | null {
  const [only, ...more] = settings.interfaces.filter((name) => name !== "lo");
  const isAlone = only !== undefined && more.length === 0 && settings.listenAddresses.length === 0;
  return isAlone && !only.endsWith("*") && bindsAddresses(settings) ? only : null;
}
