/** Pairs of devices that domain 0 is born with and nobody uses: they are counted, not drawn. */
import type { DeviceSnapshot } from "../../lab/index.ts";

/** Names of both ends of each netloop pair that is down, in no bridge and without an address. */
export function unusedEnds(devices: readonly DeviceSnapshot[]): ReadonlySet<string> {
  const idle = new Map(devices.filter(isIdle).map((device) => [device.name, device]));
  return new Set([...idle.values()].filter(({ peer }) => peer !== null && idle.has(peer)).map(({ name }) => name));
}

const isIdle = ({ kind, up, master, addresses }: DeviceSnapshot): boolean =>
  kind === "netloop" && !up && master === null && addresses.length === 0;
