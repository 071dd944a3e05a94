/**
 * The epb_flags word of a frame at a point: its direction, and Linux's pkt_type as pcapng words it. Not written: the
 * length of a frame check sequence (captures have none) and link-layer errors.
 */
import { get48 } from "../../base/bytes.ts";
import { BROADCAST_MAC, isGroup, type Mac } from "../../packet/address.ts";
import { BROADCAST, CHECKSUM_NOT_READY, INBOUND, MULTICAST, OUTBOUND, PROMISCUOUS, UNICAST } from "./pcapng-format.ts";

/** `by`: a bridge passes the frame on without giving it to its own host. */
export const DIRECTION_FLAGS = { in: INBOUND, out: OUTBOUND, by: INBOUND | PROMISCUOUS } as const;

export type DirectionFlags = (typeof DIRECTION_FLAGS)[keyof typeof DIRECTION_FLAGS];

/**
 * For the frame that starts at `bytes[at]`, seen by a device with the address `mac`; null: not known any more.
 * `isPartial`: its checksum is left to whoever takes it off the host (CHECKSUM_PARTIAL).
 */
export function packetFlags(
  direction: DirectionFlags,
  bytes: Uint8Array,
  at: number,
  mac: Mac | null,
  isPartial: boolean,
): number {
  const reception = direction === DIRECTION_FLAGS.by ? 0 : receptionType(direction, bytes, at, mac);
  return direction | reception | checksumFlag(isPartial);
}

/** All that is said of a dropped frame: it has no direction. */
export const checksumFlag = (isPartial: boolean): number => (isPartial ? CHECKSUM_NOT_READY : 0);

/** A foreign unicast address seen on the way in is promiscuous. 0: not specified. */
function receptionType(direction: DirectionFlags, bytes: Uint8Array, at: number, mac: Mac | null): number {
  if (at + 6 > bytes.length) return 0;
  const destination = get48(bytes, at) as Mac;
  if (destination === BROADCAST_MAC) return BROADCAST;
  if (isGroup(destination)) return MULTICAST;
  if (direction === OUTBOUND || destination === mac) return UNICAST;
  return mac === null ? 0 : PROMISCUOUS;
}
