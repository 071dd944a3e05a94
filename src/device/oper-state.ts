/** The operational state of a device (RFC 2863), as net/core/link_watch.c of Linux 6.1 finds it. */
import type { NetDevice } from "./device.ts";
import { Veth } from "./veth.ts";

export type OperState = "UNKNOWN" | "DOWN" | "LOWERLAYERDOWN" | "UP";

/** Carrier that never changed leaves the state unknown: nobody has looked (rfc2863_policy, linkwatch). */
export function operState(device: NetDevice): OperState {
  if (!device.up) return "DOWN";
  if (!device.carrier) return device instanceof Veth ? "LOWERLAYERDOWN" : "DOWN";
  const hasCarrierLogic = device.carrierChanges > 0 || !device.traits.carrier;
  return hasCarrierLogic ? "UP" : "UNKNOWN";
}
