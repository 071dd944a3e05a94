/** NAT mode: guests on virbr0 as libvirt makes it, or routed vifs as vif-nat does, behind a masquerade on the wire. */
import type { Chance } from "./chance.ts";
import { addressLines, bridgeLines, mostlyUp, neighbourLines } from "./lines.ts";
import { BRIDGE_MAC, guests, INTERFACES, ip, OUTSIDE, type Scene, VIF_MAC, VIFS, WIRE, WIRE_MAC } from "./scene.ts";

const BRIDGE = "virbr0";

export function natMode(chance: Chance): Scene {
  const isLibvirt = chance.maybe(0.6);
  const stations = [...guests((n) => (isLibvirt ? `192.168.122.10${n}` : `10.0.${n}.2`)), ...OUTSIDE];
  const addresses: Record<string, string[]> = { [WIRE]: ["192.168.1.10/24"] };
  if (isLibvirt) addresses[BRIDGE] = ["192.168.122.1/24"];
  else for (const [i, vif] of VIFS.entries()) addresses[vif] = [`10.0.${i + 1}.1/24`];
  const stackDevice = Object.fromEntries(INTERFACES.map((on) => [on, isLibvirt && on !== WIRE ? BRIDGE : on]));
  const inner = isLibvirt ? [BRIDGE_MAC, VIF_MAC] : [VIF_MAC];
  const setup = [
    "sysctl -q -w net.ipv4.ip_forward=1",
    ...(isLibvirt ? bridgeLines(chance, BRIDGE, VIFS) : mostlyUp(chance, VIFS)),
    ...mostlyUp(chance, [WIRE]),
    ...addressLines(addresses),
    ...(chance.maybe(0.9) ? ["ip route add default via 192.168.1.1"] : []),
    ...neighbourLines(chance, stations, (on) => stackDevice[on]!),
    ...(isLibvirt ? libvirtRules(chance) : [`iptables -t nat -A POSTROUTING -o ${WIRE} -j MASQUERADE`]),
  ];
  return {
    ...{ setup, stations, addresses, stackDevice, mask: ip("192.168.1.10"), bridges: isLibvirt ? [BRIDGE] : [] },
    doors: Object.fromEntries(INTERFACES.map((on) => [on, on === WIRE ? [WIRE_MAC] : inner])),
  };
}

const NET = "192.168.122.0/24";

/** Of networkAddMasqueradingIptablesRules and networkAddGeneralIptablesRules: what passes packets. */
function libvirtRules(chance: Chance): string[] {
  const masquerade = [
    `iptables -t nat -A POSTROUTING -s ${NET} -d 224.0.0.0/24 -j RETURN`,
    `iptables -t nat -A POSTROUTING -s ${NET} -d 255.255.255.255/32 -j RETURN`,
    `iptables -t nat -A POSTROUTING -s ${NET} ! -d ${NET} -p tcp -j MASQUERADE --to-ports 1024-65535`,
    `iptables -t nat -A POSTROUTING -s ${NET} ! -d ${NET} -p udp -j MASQUERADE --to-ports 1024-65535`,
    `iptables -t nat -A POSTROUTING -s ${NET} ! -d ${NET} -j MASQUERADE`,
  ];
  const filter = [
    `iptables -A FORWARD -d ${NET} -o ${BRIDGE} -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT`,
    `iptables -A FORWARD -s ${NET} -i ${BRIDGE} -j ACCEPT`,
    `iptables -A FORWARD -i ${BRIDGE} -o ${BRIDGE} -j ACCEPT`,
    `iptables -A FORWARD -o ${BRIDGE} -j REJECT --reject-with icmp-port-unreachable`,
    `iptables -A FORWARD -i ${BRIDGE} -j REJECT --reject-with icmp-port-unreachable`,
  ];
  return chance.maybe(0.7) ? [...masquerade, ...filter] : masquerade;
}
