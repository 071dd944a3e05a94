/** Numbers in words of fixed width, the same everywhere on the screen. */
import { type FrameRow, formatSeconds, type Nanos } from "../../lab/index.ts";
import { cellWidth, fold } from "../screen/surface.ts";

/** 1,284 */
export const count = (n: number): string => n.toLocaleString("en-US");

/** "00:00:12.304188": hours, minutes, seconds, microseconds of virtual time. */
export function clock(time: Nanos): string {
  const micros = Math.floor(time / 1000);
  const seconds = Math.floor(micros / 1e6);
  const two = (n: number): string => String(n).padStart(2, "0");
  const whole = `${two(Math.floor(seconds / 3600))}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
  return `${whole}.${String(micros % 1e6).padStart(6, "0")}`;
}

/** "12.304188" */
export const stamp = (time: Nanos): string => formatSeconds(time, 6);

/** "118 kB", "1.8 MB": powers of 1000, three digits. */
export function bytes(n: number): string {
  if (n < 1000) return `${n} B`;
  const units = ["kB", "MB", "GB", "TB"];
  let value = n;
  let unit = -1;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${value < 9.95 ? value.toFixed(1) : Math.round(value)} ${units[unit]}`;
}

export const plural = (n: number, word: string): string => `${count(n)} ${word}${n === 1 ? "" : "s"}`;

/** What a row says, in few words, for narrow lists: "req seq 3", "who-has 10.0.0.1". */
export function shortInfoOf({ info }: Pick<FrameRow, "info">): string {
  const echo = /^echo (request|reply), id \d+, seq (\d+)/.exec(info);
  if (echo !== null) return `${echo[1] === "request" ? "req" : "reply"} seq ${echo[2]}`;
  return info.replace(/^(Request|Reply) /, "").replace(/ tell .*$/, "");
}

/** The text in lines of at most `width` columns, broken between words where that goes. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(/\s+/)) {
    const longer = lines.length === 0 ? word : `${lines.at(-1)} ${word}`;
    if (lines.length > 0 && cellWidth(longer) <= width) lines[lines.length - 1] = longer;
    else lines.push(...fold(word, width));
  }
  return lines;
}
