/**
 * Every trap that is known, in the order in which they are told. One more is a file and a line here.
 * `diagnosis` beside this looks at a run and what has been lost in it; a trap is seen before a frame is.
 */
import type { Plan } from "../topology/plan.ts";
import { dhcpRangeSmall, gatewayNobody, prefixDiffers } from "./addressing.ts";
import { antispoofFlush } from "./antispoof.ts";
import { firstBridge, missingBridge } from "./bridge.ts";
import { bridgedMasquerade } from "./bridged-masquerade.ts";
import { bridgeFirewall, deviceDown, outOfBridge } from "./cut-off.ts";
import { forwardDelay } from "./forward-delay.ts";
import { bridgedForwardDrop, routedForwardDrop } from "./forward-drop.ts";
import { forwardingLeftOn, libvirtFirst, libvirtNetworksApart } from "./libvirt.ts";
import { mtu } from "./mtu.ts";
import { duplicateIp, duplicateMac, vifByNumber, vifnameClash } from "./names.ts";
import { masqueradeTwice, natOctet, natWithoutMasquerade } from "./nat-mode.ts";
import { netloopCarrier } from "./netloop-carrier.ts";
import { forwardingOff, guestAddressOnVif, networkRouteEth, proxyArpMissing, routeIpMissing } from "./route-mode.ts";
import { DryRun, type Scene } from "./scene.ts";
import { silentScript } from "./silent-script.ts";
import type { Trap, TrapFinder } from "./trap.ts";

export const TRAPS: readonly TrapFinder[] = [
  missingBridge,
  firstBridge,
  silentScript,
  vifnameClash,
  duplicateMac,
  duplicateIp,
  gatewayNobody,
  prefixDiffers,
  dhcpRangeSmall,
  vifByNumber,
  deviceDown,
  outOfBridge,
  bridgeFirewall,
  bridgedForwardDrop,
  routedForwardDrop,
  bridgedMasquerade,
  antispoofFlush,
  forwardingOff,
  proxyArpMissing,
  routeIpMissing,
  guestAddressOnVif,
  networkRouteEth,
  natOctet,
  natWithoutMasquerade,
  masqueradeTwice,
  libvirtFirst,
  libvirtNetworksApart,
  forwardingLeftOn,
  forwardDelay,
  mtu,
  netloopCarrier,
];

/**
 * The traps that a topology walks into: those that its boot leads into, and those that the scenario's commands add. A trap
 * that the scenario mends stays one: it was walked into, and a host without that scenario still stands in it. Nothing is sent.
 */
export function lint(plan: Plan): Trap[] {
  const rehearsal = new DryRun(plan);
  const booted = trapsIn(rehearsal.look());
  rehearsal.typeScenario();
  const typed = trapsIn(rehearsal.look());
  return [
    ...booted.map((trap) => ({ ...trap, mendedLater: !typed.some((each) => isSame(each, trap)) })),
    ...typed.filter((trap) => !booted.some((each) => isSame(each, trap))),
  ];
}

const trapsIn = (scene: Scene): Trap[] =>
  scene.hosts.flatMap((host) =>
    TRAPS.flatMap(({ name, find }) =>
      find(host, scene).map((found) => ({ name, host: host.name, ...found, mendedLater: false })),
    ),
  );

const isSame = (a: Trap, b: Trap): boolean => a.name === b.name && a.host === b.host && a.what === b.what;
