/** vifX.Y as netback's two queues see it. */
import type { NetDevice } from "../device/device.ts";
import type { Domain } from "./hypervisor.ts";
import type { NetbackCosts } from "./netback-costs.ts";

export interface NetbackDevice extends NetDevice {
  /** The backend domain: who the guest grants its pages to. */
  readonly domain: Domain;
  readonly costs: NetbackCosts;
  /** After a fatal error: no more traffic until the backend is made again. */
  readonly disabled: boolean;
  log(message: string): void;
  /** xenvif_fatal_tx_err: the device is switched off, carrier first. */
  disable(): void;
}
