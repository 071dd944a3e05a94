/**
 * The bounds every capture file keeps. Wireshark refuses a packet of more than 262,144 bytes (wiretap/wtap.h,
 * WTAP_MAX_PACKET_SIZE_STANDARD); an option's length is 16 bits (draft-ietf-opsawg-pcapng section 3.5).
 */
import { fromText } from "../../base/bytes.ts";
import { invariant } from "../../base/invariant.ts";

/** Bytes: the snap length of every interface unless the user asks for less. */
export const SNAPLEN = 262_144;

/** LINKTYPE_ETHERNET of the tcpdump group's list. */
export const LINKTYPE_ETHERNET = 1;

/** Bytes in one option value. */
export const MAX_OPTION = 65_535;

/** Seconds: with all 2^53 nanoseconds of a run on top, a classic record's 32-bit seconds still hold the sum. */
export const MAX_EPOCH_SECONDS = 4_285_960_095;

export function checkEpoch(epochSeconds: number): void {
  const whole = Number.isInteger(epochSeconds) && epochSeconds >= 0;
  invariant(
    whole && epochSeconds <= MAX_EPOCH_SECONDS,
    "the virtual epoch of a capture is not in whole seconds of 1970-2105",
  );
}

/** The snap length a file may declare: 0 means "no limit" in the formats, but readers have one all the same. */
export const cappedSnaplen = (wanted: number): number => (wanted > 0 && wanted < SNAPLEN ? wanted : SNAPLEN);

/** Text as UTF-8, cut to what one option holds (or `limit` bytes), never inside a character. */
export function optionText(text: string, limit = MAX_OPTION): Uint8Array {
  const encoded = fromText(text);
  if (encoded.length <= limit) return encoded;
  let end = limit;
  while (isContinuation(encoded[end])) end--;
  return encoded.subarray(0, end);
}

const isContinuation = (byte: number | undefined): boolean => byte !== undefined && (byte & 0xc0) === 0x80;
