/** What both toolstacks make up for a guest that has none: a UUID (RFC 9562, version 4) and a MAC address. */
import type { Random } from "../engine/random.ts";
import type { Mac } from "../packet/address.ts";

/** 32 digits with the hyphens of a UUID. */
export const hyphenate = (digits: string): string => digits.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");

export function randomUuid(random: Random): string {
  const digits = [0, 0, 0, 0].map(() => random.next32().toString(16).padStart(8, "0")).join("");
  const variant = "89ab".charAt(Number.parseInt(digits.charAt(16), 16) & 3);
  return hyphenate(`${digits.slice(0, 12)}4${digits.slice(13, 16)}${variant}${digits.slice(17)}`);
}

/** Xen's 00:16:3e and 23 random bits. */
export const randomMac = (random: Random): Mac => (0x0016_3e00_0000 + random.below(0x80_0000)) as Mac;
