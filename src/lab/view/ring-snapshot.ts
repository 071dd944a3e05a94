/**
 * A ring between netfront and netback at one instant. Indices are the free-running 32-bit numbers of ring.h: the slot is
 * the index modulo `size`.
 */
import type { NetfrontRing } from "../../xen/netfront-ring.ts";
import { type BackRing, RING_SIZE } from "../../xen/ring.ts";

export interface RingSnapshot {
  readonly size: number;
  /**
   * Slots for a gauge, empty while all is well and full when nothing goes on.
   * Of a transmit ring: requests whose answer the guest has not taken, the number at which netfront stops its queue.
   * Of a receive ring: buffers that netback has filled and the guest has not taken.
   */
  readonly used: number;
  /** In the shared page: published requests and responses, and from where on the other side wants an event. */
  readonly reqProd: number;
  readonly rspProd: number;
  readonly reqEvent: number;
  readonly rspEvent: number;
  /** Netback's own: requests taken. Null while netback has not mapped the ring. */
  readonly reqCons: number | null;
  /** Netfront's own: responses taken. */
  readonly rspCons: number;
  readonly eventChannel: EventChannelSnapshot;
}

/** The event channel of a ring: its port at each end, and how often that end has notified the other. */
export interface EventChannelSnapshot {
  readonly frontendPort: number;
  readonly frontendSent: number;
  /** Null while netback has not bound it. */
  readonly backendPort: number | null;
  readonly backendSent: number | null;
}

export const transmitRingSnapshot = (front: NetfrontRing, back: BackRing | null): RingSnapshot =>
  ringSnapshot(front, back, front.ring.used);

export const receiveRingSnapshot = (front: NetfrontRing, back: BackRing | null): RingSnapshot =>
  ringSnapshot(front, back, front.ring.waiting);

function ringSnapshot({ ring, channel }: NetfrontRing, back: BackRing | null, used: number): RingSnapshot {
  const { page } = ring;
  return {
    size: RING_SIZE,
    used,
    reqProd: page.requestProducer,
    rspProd: page.responseProducer,
    reqEvent: page.requestEvent,
    rspEvent: page.responseEvent,
    reqCons: back === null ? null : back.requestConsumer >>> 0,
    rspCons: ring.responseConsumer >>> 0,
    eventChannel: {
      frontendPort: channel.port,
      frontendSent: channel.sent,
      backendPort: channel.peer?.port ?? null,
      backendSent: channel.peer?.sent ?? null,
    },
  };
}
