/**
 * The words both ends of the device handshake share: xen/include/public/io/xenbus.h and the paths of xenstore.
 */
import type { XenStore } from "./xenstore.ts";

export const XenbusState = {
  UNKNOWN: 0,
  INITIALISING: 1,
  INIT_WAIT: 2,
  INITIALISED: 3,
  CONNECTED: 4,
  CLOSING: 5,
  CLOSED: 6,
  RECONFIGURING: 7,
  RECONFIGURED: 8,
} as const;
export type XenbusState = (typeof XenbusState)[keyof typeof XenbusState];

/** xenbus_strstate, by code. */
const STATE_NAMES = [
  "Unknown",
  "Initialising",
  "InitWait",
  "Initialised",
  "Connected",
  "Closing",
  "Closed",
  "Reconfiguring",
  "Reconfigured",
] as const;

/** How Linux names a state; what is none it calls INVALID. */
export type XenbusStateName = (typeof STATE_NAMES)[number] | "INVALID";

export const xenbusStateName = (state: number): XenbusStateName => STATE_NAMES[state] ?? "INVALID";

export const frontendPath = (domid: number, device: number): string => `/local/domain/${domid}/device/vif/${device}`;
export const backendPath = (backend: number, domid: number, device: number): string =>
  `/local/domain/${backend}/backend/vif/${domid}/${device}`;

/** xenbus_read_driver_state: a missing node is Unknown. */
export const readState = (store: XenStore, path: string): XenbusState =>
  (store.readNumber(`${path}/state`) ?? XenbusState.UNKNOWN) as XenbusState;

/** xenbus_switch_state */
export const writeState = (store: XenStore, path: string, state: XenbusState): void =>
  store.write(`${path}/state`, String(state));
