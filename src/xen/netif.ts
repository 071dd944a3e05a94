/**
 * The network device's entries on the ring and their constants: xen/include/public/io/netif.h.
 *
 *   TX request   gref u32 | offset u16, flags u16 | id u16, size u16        12 bytes, three words
 *   TX response  id u16, status s16
 *   RX request   id u16, pad u16 | gref u32                                   8 bytes, two words
 *   RX response  id u16, offset u16 | flags u16, status s16
 *
 * Fields are little-endian, as on x86. TX and RX swap the values of the two checksum flags; that is no typing error.
 */
import { ENTRIES, RING_MASK } from "./ring.ts";

export const PAGE_SHIFT = 12;
export const PAGE_SIZE = 2 ** PAGE_SHIFT;
export const ETHERNET_HEADER = 14;
/** XEN_NETIF_NR_SLOTS_MIN: every backend takes frames of this many slots. */
export const MIN_SLOTS = 18;

export const TX_CSUM_BLANK = 1;
export const TX_DATA_VALIDATED = 2;
export const TX_MORE_DATA = 4;
export const TX_EXTRA_INFO = 8;

export const RX_DATA_VALIDATED = 1;
export const RX_CSUM_BLANK = 2;
export const RX_MORE_DATA = 4;

export const STATUS_ERROR = -1;
export const STATUS_OKAY = 0;
/** Stands in the slot of an extra info. */
export const STATUS_NULL = 1;

export const EXTRA_GSO = 1;
export const EXTRA_MCAST_ADD = 2;
export const EXTRA_MCAST_DEL = 3;
export const EXTRA_XDP = 5;
export const EXTRA_FLAG_MORE = 1;

/** Word index of the TX entry that `index` falls on. */
export const txEntry = (index: number): number => ENTRIES + 3 * (index & RING_MASK);
/** Word index of the RX entry that `index` falls on. */
export const rxEntry = (index: number): number => ENTRIES + 2 * (index & RING_MASK);

export const low = (word: number): number => word & 0xffff;
export const high = (word: number): number => word >>> 16;
/** The upper half as a signed 16-bit number: a status. */
export const signedHigh = (word: number): number => word >> 16;
export const pack = (lowHalf: number, highHalf: number): number => ((lowHalf & 0xffff) | (highHalf << 16)) >>> 0;
