/**
 * VLAN tags: IEEE 802.1Q (clause 9), 802.1ad for the outer tag of a provider. A tag stands in front of the type field:
 *
 *      0      2                    4
 *     | TPID | PCP 3 DEI 1 VID 12 | inner type ...
 *
 * `at` is the place of the TPID, which in a frame is where the type field would be.
 */
import { get16, put16 } from "../base/bytes.ts";
import { EtherType } from "./ethernet.ts";

export const TAG_LENGTH = 4;
/** The tag types that Linux knows and the two older vendor ones that tcpdump also steps over. */
const TAG_TYPES: readonly number[] = [EtherType.VLAN, EtherType.PROVIDER_VLAN, 0x9100, 0x9200];
/** eth_type_vlan */
const LINUX_TAGS: readonly number[] = [EtherType.VLAN, EtherType.PROVIDER_VLAN];
/** Offset of the type field in an Ethernet header. */
export const TYPE_FIELD = 12;

export const isTag = (etherType: number): boolean => TAG_TYPES.includes(etherType);

/** Proves the getters safe, `innerType` included. */
export const check = (b: Uint8Array, at: number, end: number): boolean =>
  at + TAG_LENGTH + 2 <= end && end <= b.length && isTag(get16(b, at));

/** Is the frame tagged and too short for what follows? skb_vlan_untag looks two bytes past the tag and its inner type. */
export const isCut = (b: Uint8Array, at: number, length: number): boolean =>
  length < TYPE_FIELD + TAG_LENGTH + 4 && LINUX_TAGS.includes(get16(b, at + TYPE_FIELD));

export const protocol = (b: Uint8Array, at: number): number => get16(b, at);
const control = (b: Uint8Array, at: number): number => get16(b, at + 2);
/** 0 to 7. */
export const priority = (b: Uint8Array, at: number): number => control(b, at) >>> 13;
export const dropEligible = (b: Uint8Array, at: number): boolean => (control(b, at) & 0x1000) !== 0;
/** 0 (priority only) to 4095. */
export const id = (b: Uint8Array, at: number): number => control(b, at) & 0xfff;
export const innerType = (b: Uint8Array, at: number): number => get16(b, at + TAG_LENGTH);

export const setId = (b: Uint8Array, at: number, value: number): void =>
  put16(b, at + 2, (control(b, at) & 0xf000) | (value & 0xfff));

/**
 * The place of the last type field of the frame that starts at `at`, past any tags; -1 when the frame ends before it.
 * The EtherType is `get16` there, the payload starts two bytes later.
 */
export function typeAt(b: Uint8Array, at: number, end: number): number {
  let place = at + TYPE_FIELD;
  while (place + 2 <= end) {
    if (!isTag(get16(b, place))) return place;
    place += TAG_LENGTH;
  }
  return -1;
}

export interface Tag {
  /** TPID: 0x8100 for a customer tag, 0x88a8 for a provider's. */
  readonly protocol: number;
  readonly priority: number;
  readonly dropEligible: boolean;
  readonly id: number;
}

/** Null when there is no tag here, or it is cut. */
export function parse(b: Uint8Array, at: number, end: number): Tag | null {
  if (!check(b, at, end)) return null;
  return { protocol: protocol(b, at), priority: priority(b, at), dropEligible: dropEligible(b, at), id: id(b, at) };
}

/** Writes the tag; answers where the inner type field goes. */
export function emit(b: Uint8Array, at: number, tag: Tag): number {
  put16(b, at, tag.protocol);
  put16(b, at + 2, (tag.priority << 13) | (tag.dropEligible ? 0x1000 : 0) | tag.id);
  return at + TAG_LENGTH;
}
