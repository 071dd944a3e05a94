/** Bridge mode: vifs and the wire on xenbr0, domain 0's address on the bridge as on Xen 4.17, or nowhere. */
import type { Chance } from "./chance.ts";
import { addressLines, bridgeLines, neighbourLines } from "./lines.ts";
import { BRIDGE_MAC, guests, INTERFACES, OUTSIDE, type Scene, VIF_MAC, WIRE_MAC } from "./scene.ts";

const BRIDGE = "xenbr0";

export function bridgeMode(chance: Chance): Scene {
  const stations = [...guests((n) => `192.168.1.10${n}`), ...OUTSIDE];
  const ports = chance.shuffled(INTERFACES).filter(() => chance.maybe(0.95));
  const hasAddress = chance.maybe(0.8);
  const addresses = hasAddress ? { [BRIDGE]: ["192.168.1.10/24"] } : {};
  const setup = [
    ...bridgeLines(chance, BRIDGE, ports),
    ...addressLines(addresses),
    ...(hasAddress && chance.maybe(0.7) ? ["ip route add default via 192.168.1.1"] : []),
    ...(chance.maybe(0.2) ? ["sysctl -q -w net.ipv4.ip_forward=1"] : []),
    ...neighbourLines(chance, hasAddress ? stations : [], () => BRIDGE),
  ];
  return {
    ...{ setup, stations, addresses, mask: null, bridges: [BRIDGE] },
    doors: Object.fromEntries(INTERFACES.map((on) => [on, [WIRE_MAC, BRIDGE_MAC, VIF_MAC]])),
    stackDevice: Object.fromEntries(INTERFACES.map((on) => [on, BRIDGE])),
  };
}
