/** What ping and arping of iputils share: how they read numbers and what they say about wrong ones (iputils_common.c). */
import type { Process } from "../process.ts";
import { Quit } from "./quit.ts";

/** INT_MAX */
export const MOST = 2_147_483_647;
/** LONG_MAX, of which only the text is ever seen. */
export const LONGEST = "9223372036854775807";

/** strtol_or_err: a whole decimal number and nothing else. */
export function readNumber(text: string, least: number, most: number, mostText = String(most)): number {
  if (!/^\s*[+-]?\d+$/.test(text)) throw new Quit(`invalid argument: '${text}'`, 1);
  const value = Number(text);
  if (value >= least && value <= most) return value;
  throw new Quit(`invalid argument: '${text}': out of range: ${least} <= value <= ${mostText}`, 1);
}

/** ping_strtod: a number at the front; what stands behind it is only warned about. */
export function readSeconds(process: Process, text: string): number {
  const found = /^\s*[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?/i.exec(text)?.[0] ?? "";
  if (found.length < text.length) {
    process.error(`${process.name}: option argument contains garbage: ${text.slice(found.length)}\n`);
    process.error(`${process.name}: this will become fatal error in the future\n`);
  }
  return Number(found);
}
