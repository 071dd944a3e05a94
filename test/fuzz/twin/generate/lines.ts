/** Command lines that the modes have in common. */
import { formatIpv4, formatMac } from "../../../../src/packet/address.ts";
import type { Chance } from "./chance.ts";
import { BRIDGE_MAC, type Scene, type Station } from "./scene.ts";

const FLAGS = ["hairpin on", "isolated on", "learning off", "flood off", "mcast_flood off", "bcast_flood off"];

/** A bridge with these ports, most of them up. */
export const bridgeLines = (chance: Chance, bridge: string, ports: readonly string[]): string[] => [
  `ip link add ${bridge} type bridge stp_state 0 forward_delay 0${chance.maybe(0.1) ? " ageing_time 0" : ""}`,
  ...(chance.maybe(0.3) ? [`ip link set ${bridge} address ${formatMac(BRIDGE_MAC)}`] : []),
  ...ports.map((port) => `ip link set ${port} master ${bridge}`),
  ...mostlyUp(chance, ports),
  ...chance.some(ports, 0.08).map((port) => `bridge link set dev ${port} ${chance.pick(FLAGS)}`),
  ...mostlyUp(chance, [bridge]),
  ...(chance.maybe(0.35) ? ["sysctl -q -w net.bridge.bridge-nf-call-iptables=1"] : []),
];

export const mostlyUp = (chance: Chance, devices: readonly string[]): string[] =>
  chance.some(devices, 0.97).map((device) => `ip link set ${device} up`);

export const addressLines = (addresses: Scene["addresses"]): string[] =>
  Object.entries(addresses).flatMap(([device, list]) =>
    list.map((address) => `ip addr add ${address}${address.endsWith("/32") ? "" : " brd +"} dev ${device}`),
  );

/** Some of the stations are known already. */
export const neighbourLines = (
  chance: Chance,
  stations: readonly Station[],
  device: (on: string) => string,
): string[] =>
  chance
    .some(stations, 0.6)
    .map(({ ip, mac, on }) => `ip neigh add ${formatIpv4(ip)} lladdr ${formatMac(mac)} dev ${device(on)}`);
