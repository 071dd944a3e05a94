/** What traceroute writes behind a time: parse_icmp_res of traceroute.c. Null: time exceeded, the way goes on. */
import * as icmp from "../../../packet/icmp.ts";

const UNREACHABLE: Readonly<Record<number, string>> = {
  0: "!N",
  1: "!H",
  2: "!P",
  3: "",
  5: "!S",
  6: "!N",
  7: "!H",
  8: "!N",
  9: "!X",
  10: "!X",
  11: "!N",
  12: "!H",
  13: "!X",
  14: "!V",
  15: "!C",
};

export function remarkOf(type: number, code: number, info: number): string | null {
  if (type === icmp.Type.TIME_EXCEEDED && code === icmp.TimeExceeded.IN_TRANSIT) return null;
  if (type !== icmp.Type.UNREACHABLE) return `!<${type}-${code}>`;
  if (code === icmp.Unreachable.FRAGMENTATION_NEEDED) return `!F-${info}`;
  return UNREACHABLE[code] ?? `!<${code}>`;
}
