/** Small pictures of numbers: a gauge, a line of bars. */
import { fitRight } from "../screen/surface.ts";

const EIGHTHS = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];
/** Never a whole cell: the line above would touch. */
const BARS = "▁▂▃▄▅▆▇";

/** A bar of `width` cells, filled in eighths: "███▌····". What is there at all shows at least an eighth. */
export function gauge(part: number, whole: number, width: number): string {
  const share = whole <= 0 ? 0 : Math.min(1, Math.max(0, part / whole));
  const eighths = part > 0 && width > 0 ? Math.max(1, Math.floor(share * width * 8)) : 0;
  const full = Math.floor(eighths / 8);
  const rest = EIGHTHS[eighths % 8]!;
  return "█".repeat(full) + rest + "·".repeat(width - full - rest.length);
}

/** One bar for each number, scaled to the largest; nothing for 0. */
export function sparkline(numbers: readonly number[], width: number): string {
  const shown = numbers.slice(-width);
  const most = Math.max(1, ...shown);
  const bars = shown.map((n) => (n <= 0 ? " " : BARS[Math.ceil((n / most) * BARS.length) - 1]!)).join("");
  return fitRight(bars, width);
}
