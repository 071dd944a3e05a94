/** The progress bar of a quiet run, on stderr and only on a terminal. */
import type { Lab } from "../lab/index.ts";
import { formatSeconds } from "../lab/index.ts";

const REDRAW_MILLIS = 100;
const WIDTH = 30;

export class RunProgress {
  private readonly lab: Lab;
  private last = 0;
  private drawn = false;

  constructor(lab: Lab) {
    this.lab = lab;
  }

  show(): void {
    if (!process.stderr.isTTY || Date.now() - this.last < REDRAW_MILLIS) return;
    this.last = Date.now();
    this.drawn = true;
    const { lab } = this;
    const end = lab.endsAt ?? lab.lastPlanned;
    const share = end === null || end === 0 ? 0 : Math.min(1, lab.now / end);
    const full = Math.round(share * WIDTH);
    const bar = `${"#".repeat(full)}${".".repeat(WIDTH - full)}`;
    process.stderr.write(`\r[${bar}] ${formatSeconds(lab.now, 3)} s  ${lab.world.frames.created} frames \u001b[K`);
  }

  clear(): void {
    if (this.drawn) process.stderr.write("\r\u001b[K");
  }
}
