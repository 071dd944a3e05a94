/** What domain 0's IP stack knows of a device that is no port of a bridge: the words at its line to the stack's bar. */
import type { DeviceSnapshot } from "../../../lab/index.ts";
import { DIM, Fg, PLAIN, type Style } from "../../screen/style.ts";
import type { Scene } from "./things.ts";

export type Words = readonly [text: string, style: Style];

export const hasProxyArp = ({ host }: Scene, { name }: DeviceSnapshot): boolean => host.routing.proxyArp.includes(name);

/** On the line itself. */
export const proxyWord = (scene: Scene, device: DeviceSnapshot): Words =>
  hasProxyArp(scene, device) ? ["proxy_arp", PLAIN] : ["no proxy_arp", DIM];

/** Hosts that are reached through it: the routes to one address each. */
export const hostRoutes = ({ host }: Scene, { name }: DeviceSnapshot): readonly string[] =>
  host.routing.routes
    .filter(({ device, destination }) => device === name && /^[\d.]+$/.test(destination))
    .map(({ destination }) => destination);

/** Below the line of a vif: whom packets that leave by it are for. */
export function routeWords(scene: Scene, device: DeviceSnapshot, width: number): Words {
  const [first, ...more] = hostRoutes(scene, device);
  if (first === undefined) return ["no host route", Fg.yellow];
  const rest = more.length === 0 ? "" : ` +${more.length}`;
  return [shortened(first, width - rest.length) + rest, device.up ? PLAIN : DIM];
}

/** Of an address the end tells more than the beginning. */
export const shortened = (address: string, width: number): string =>
  address.length <= width ? address : `…${address.slice(address.length - width + 1)}`;
