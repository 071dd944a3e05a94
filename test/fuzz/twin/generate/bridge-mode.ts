/** Bridge mode: vifs and the wire on xenbr0, domain 0's address on the bridge (4.17) or nowhere. */
import { formatIpv4, formatMac, type Mac } from "../../../../src/packet/address.ts";
import type { Chance } from "./chance.ts";
import {
  guestMac,
  INTERFACES,
  ip,
  outsideMac,
  type Scene,
  type Station,
  VIF_MAC,
  VIFS,
  WIRE,
  WIRE_MAC,
} from "./scene.ts";

const BRIDGE = "xenbr0";
const BRIDGE_MAC = 0x0016_3e00_00b0 as Mac;

export function bridgeMode(chance: Chance): Scene {
  const stations: Station[] = [
    ...VIFS.map((on, i) => ({ mac: guestMac(i + 1), ip: ip(`192.168.1.10${i + 1}`), on })),
    ...[1, 2].map((n) => ({ mac: outsideMac(n), ip: ip(`192.168.1.${n}`), on: WIRE })),
  ];
  const ports = chance.shuffled(INTERFACES).filter(() => chance.maybe(0.95));
  const own = chance.maybe(0.8) ? [ip("192.168.1.10")] : [];
  const setup = [
    `ip link add ${BRIDGE} type bridge stp_state 0 forward_delay 0${chance.maybe(0.1) ? " ageing_time 0" : ""}`,
    ...(chance.maybe(0.3) ? [`ip link set ${BRIDGE} address ${formatMac(BRIDGE_MAC)}`] : []),
    ...ports.map((port) => `ip link set ${port} master ${BRIDGE}`),
    ...ports.filter(() => chance.maybe(0.95)).map((port) => `ip link set ${port} up`),
    ...portFlags(chance, ports),
    ...(chance.maybe(0.1)
      ? [`ip link set ${chance.pick([...ports, BRIDGE])} mtu ${chance.pick([576, 1000, 1400])}`]
      : []),
    ...(chance.maybe(0.97) ? [`ip link set ${BRIDGE} up`] : []),
    ...own.map((address) => `ip addr add ${formatIpv4(address)}/24 brd + dev ${BRIDGE}`),
    ...(own.length > 0 && chance.maybe(0.7) ? [`ip route add default via 192.168.1.1`] : []),
    ...chance
      .some(stations, own.length > 0 ? 0.4 : 0)
      .map((each) => `ip neigh add ${formatIpv4(each.ip)} lladdr ${formatMac(each.mac)} dev ${BRIDGE}`),
  ];
  const doors = Object.fromEntries(INTERFACES.map((port) => [port, [WIRE_MAC, BRIDGE_MAC, VIF_MAC]]));
  return { setup, stations, own, doors, segments: [INTERFACES], mask: null, devices: [BRIDGE, ...INTERFACES] };
}

const FLAGS = ["hairpin on", "isolated on", "learning off", "flood off", "mcast_flood off", "bcast_flood off"];

function portFlags(chance: Chance, ports: readonly string[]): string[] {
  return ports.filter(() => chance.maybe(0.1)).map((port) => `bridge link set dev ${port} ${chance.pick(FLAGS)}`);
}
