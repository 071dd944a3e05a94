/**
 * Every trap that is known, in the order in which they are told. One more is a file and a line here.
 * `diagnosis` beside this looks at a run and what has been lost in it; a trap is seen before a frame is.
 */
import type { Plan } from "../topology/plan.ts";
import { dhcpRangeSmall, gatewayNobody, gatewayOutside, noDhcpServer, prefixDiffers } from "./addressing.ts";
import { antispoofFlush } from "./antispoof.ts";
import { firstBridge, goneBridge, missingBridge } from "./bridge.ts";
import { bridgedMasquerade } from "./bridged-masquerade.ts";
import { bridgeFirewall, deviceDown, noUplink, outOfBridge } from "./cut-off.ts";
import { forwardDelay } from "./forward-delay.ts";
import { bridgedForwardDrop, routedForwardDrop } from "./forward-drop.ts";
import { forwardingLeftOn, libvirtFirst, libvirtNetworksApart } from "./libvirt.ts";
import { mtu } from "./mtu.ts";
import { duplicateIp, duplicateMac, vifByNumber, vifnameClash } from "./names.ts";
import { masqueradeTwice, natOctet, natPrefix, natWithoutMasquerade } from "./nat-mode.ts";
import { netloopCarrier } from "./netloop-carrier.ts";
import { forwardingOff, guestAddressOnVif, networkRouteEth, proxyArpMissing, routeIpMissing } from "./route-mode.ts";
import { DryRun, type Scene } from "./scene.ts";
import { silentScript } from "./silent-script.ts";
import type { Trap, TrapFinder } from "./trap.ts";

export const TRAPS: readonly TrapFinder[] = [
  missingBridge,
  goneBridge,
  firstBridge,
  silentScript,
  vifnameClash,
  duplicateMac,
  duplicateIp,
  gatewayNobody,
  gatewayOutside,
  noDhcpServer,
  prefixDiffers,
  dhcpRangeSmall,
  vifByNumber,
  deviceDown,
  outOfBridge,
  noUplink,
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
  natPrefix,
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
  const before = rehearsal.look();
  const booted = trapsIn(before);
  rehearsal.typeScenario();
  const after = rehearsal.look();
  const typed = trapsIn(after);
  const isOver = (trap: Trap): boolean =>
    !typed.some((each) => isSame(each, trap)) && !goneBridges(trap.host, before, after).some(isNamedIn(trap));
  return [
    ...booted.map((trap) => ({ ...trap, mendedLater: isOver(trap) })),
    ...typed.filter((trap) => !booted.some((each) => isSame(each, trap))),
  ];
}

const trapsIn = (scene: Scene): Trap[] =>
  scene.hosts.flatMap((host) =>
    TRAPS.flatMap(({ name, find }) =>
      find(host, scene).map((found) => ({ name, host: host.name, ...found, mendedLater: false })),
    ),
  );

/** What is about a bridge that the scenario takes away is not mended by that. */
function goneBridges(host: string, before: Scene, after: Scene): string[] {
  const namesIn = ({ hosts }: Scene): string[] =>
    hosts.find(({ name }) => name === host)!.now.bridges.map(({ device }) => device.name);
  return namesIn(before).filter((bridge) => !namesIn(after).includes(bridge));
}

const isNamedIn =
  ({ what }: Trap) =>
  (bridge: string): boolean =>
    what.split(/[^\w.-]/).includes(bridge);

const isSame = (a: Trap, b: Trap): boolean => a.name === b.name && a.host === b.host && a.what === b.what;
