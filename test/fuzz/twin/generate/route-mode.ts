/** Route mode: each vif a way of its own into the stack, as vif-route leaves it, or a subnet for each guest. */
import { formatIpv4 } from "../../../../src/packet/address.ts";
import type { Chance } from "./chance.ts";
import { addressLines, mostlyUp, neighbourLines } from "./lines.ts";
import { guests, INTERFACES, OUTSIDE, type Scene, VIF_MAC, VIFS, WIRE, WIRE_MAC } from "./scene.ts";

export function routeMode(chance: Chance): Scene {
  const hasSubnets = chance.maybe(0.4);
  const inside = guests((n) => (hasSubnets ? `10.0.${n}.5` : `192.168.1.10${n}`));
  const stations = [...inside, ...OUTSIDE];
  const addresses: Record<string, string[]> = { [WIRE]: ["192.168.1.10/24"] };
  for (const [i, vif] of VIFS.entries()) {
    if (hasSubnets) addresses[vif] = [`10.0.${i + 1}.1/24`];
    else if (chance.maybe(0.8)) addresses[vif] = ["192.168.1.10/32"];
  }
  const setup = [
    ...(chance.maybe(0.9) ? ["sysctl -q -w net.ipv4.ip_forward=1"] : []),
    ...mostlyUp(chance, INTERFACES),
    ...addressLines(addresses),
    ...(hasSubnets ? [] : inside.map(({ ip, on }) => `ip route add ${formatIpv4(ip)} dev ${on}`)),
    ...(chance.maybe(0.8) ? ["ip route add default via 192.168.1.1"] : []),
    ...chance.some(INTERFACES, 0.5).map((name) => `sysctl -q -w net.ipv4.conf.${name.replace(".", "/")}.proxy_arp=1`),
    ...neighbourLines(chance, stations, (on) => on),
  ];
  return {
    ...{ setup, stations, addresses, mask: null, bridges: [] },
    doors: Object.fromEntries(INTERFACES.map((on) => [on, [on === WIRE ? WIRE_MAC : VIF_MAC]])),
    stackDevice: Object.fromEntries(INTERFACES.map((on) => [on, on])),
  };
}
