/** vifX.Y as netback's two queues see it, and its queue towards the guest as the vif sees that. */
import type { FateCode } from "../base/fate.ts";
import type { NetDevice } from "../device/device.ts";
import type { Domain } from "./hypervisor.ts";
import type { MulticastFilter } from "./multicast-filter.ts";
import type { NetbackCosts } from "./netback-costs.ts";
import type { BackRing } from "./ring.ts";

export interface NetbackDevice extends NetDevice {
  /** The backend domain: who the guest grants its pages to. */
  readonly domain: Domain;
  readonly costs: NetbackCosts;
  /** After a fatal error: no more traffic until the backend is made again. */
  readonly disabled: boolean;
  /** The groups the guest wants to hear, if it asked for a choice. */
  readonly groups: MulticastFilter;
  log(message: string): void;
  /** xenvif_fatal_tx_err: the device is switched off, carrier first. */
  disable(): void;
}

/** What a frontend said it can do with frames from the host. */
export interface ReceiverFeatures {
  /** feature-sg or feature-gso-tcpv4: a frame may take many slots. */
  readonly scatters: boolean;
  /** feature-rx-notify: it sends an event when it posts slots, so that frames may wait for one. */
  readonly notifies: boolean;
  /** Without feature-no-csum-offload: it takes frames whose checksum is not filled in. */
  readonly checksums: boolean;
}

/** Host to guest: frames that netback has taken and not yet copied into the guest's pages. */
export interface GuestQueue {
  readonly ring: BackRing;
  readonly fifoLength: number;
  readonly fifoBytes: number;
  /** Bytes at which it takes no more. */
  readonly fifoLimit: number;
  /** The guest takes nothing: the vif has no carrier. */
  readonly stalled: boolean;
  /** The rings go: whatever waits is dropped. */
  close(): void;
  purge(fate: FateCode): void;
}
