/**
 * The service times a topology may change, by name: what each server of a Xen host costs. Nanoseconds.
 */

import { LINK_UP_TIME, NIC_COSTS, type NicOptions } from "../device/nic.ts";
import type { Costs } from "../engine/cpu.ts";
import type { Nanos } from "../engine/time.ts";
import type { XenTimings } from "../machine/xen-host.ts";
import { NETBACK_COSTS } from "../xen/netback-costs.ts";
import { NETFRONT_COSTS } from "../xen/netfront-costs.ts";

type Timing = Readonly<Record<string, number>>;

const changed = (costs: Costs, timing: Timing, name: string): Costs => ({
  wake: timing[`${name}-wake`] ?? costs.wake,
  perItem: timing[`${name}-per-frame`] ?? costs.perItem,
  perByte: costs.perByte,
});

export function xenTimings(timing: Timing): XenTimings {
  return {
    netback: {
      transmit: changed(NETBACK_COSTS.transmit, timing, "netback-tx"),
      receive: changed(NETBACK_COSTS.receive, timing, "netback-rx"),
      dealloc: NETBACK_COSTS.dealloc,
    },
    netfront: {
      complete: NETFRONT_COSTS.complete,
      receive: changed(NETFRONT_COSTS.receive, timing, "guest"),
    },
  };
}

export const nicTimings = (timing: Timing): Pick<NicOptions, "costs" | "linkUpTime"> => ({
  costs: changed(NIC_COSTS, timing, "nic"),
  linkUpTime: (timing["nic-link"] ?? LINK_UP_TIME) as Nanos,
});
