/** The numbers of draft-ietf-opsawg-pcapng that both the writer and the reader use. */

export const SECTION_HEADER = 0x0a0d0d0a;
export const INTERFACE_DESCRIPTION = 1;
export const SIMPLE_PACKET = 3;
export const NAME_RESOLUTION = 4;
export const INTERFACE_STATISTICS = 5;
export const ENHANCED_PACKET = 6;

export const BYTE_ORDER_MAGIC = 0x1a2b3c4d;

export const END_OF_OPTIONS = 0;
export const COMMENT = 1;
export const SHB_HARDWARE = 2;
export const SHB_OS = 3;
export const SHB_APPLICATION = 4;
export const IF_NAME = 2;
export const IF_DESCRIPTION = 3;
export const IF_MAC = 6;
export const IF_SPEED = 8;
export const IF_TSRESOL = 9;
export const IF_FILTER = 11;
export const IF_OS = 12;
export const IF_TSOFFSET = 14;
export const IF_HARDWARE = 15;
export const EPB_FLAGS = 2;
export const EPB_DROPCOUNT = 4;
export const EPB_PACKETID = 5;
export const ISB_RECEIVED = 4;
export const ISB_DROPPED = 5;

/** epb_flags: direction and reception type are small numbers in the word, the rest single bits. */
export const INBOUND = 1;
export const OUTBOUND = 2;
export const UNICAST = 1 << 2;
export const MULTICAST = 2 << 2;
export const BROADCAST = 3 << 2;
export const PROMISCUOUS = 4 << 2;
/** The checksum is left to the hardware (Linux CHECKSUM_PARTIAL); Wireshark 4.0 shows it as a reserved bit. */
export const CHECKSUM_NOT_READY = 1 << 9;
