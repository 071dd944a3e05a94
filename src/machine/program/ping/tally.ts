/**
 * ping's book-keeping: what is on its way, what came back, how long it took. All times are whole microseconds and all
 * divisions drop their remainder, so that the last digit is the real tool's. Follows ping_common.c of iputils 20221126.
 */

const HALF = 0x7fff;
/** One bit for each of the 65,536 sequence numbers. */
const BITMAP = 0x1_0000 / 8;

const thousandths = (micros: number): string =>
  `${Math.trunc(micros / 1000)}.${String(micros % 1000).padStart(3, "0")}`;

/** Newton's method on integers (llsqrt). */
function squareRoot(value: number): number {
  let previous = Number.POSITIVE_INFINITY;
  let root = Math.trunc(value);
  while (root > 0 && root < previous) {
    previous = root;
    root = Math.floor((root + Math.floor(value / root)) / 2);
  }
  return root;
}

/** printf("%g") of a number between 0 and 100. */
const percent = (value: number): string => String(Number(value.toPrecision(6)));

export class Tally {
  transmitted = 0;
  received = 0;
  repeats = 0;
  errors = 0;
  /** The most requests that were under way at once, one more than their distance; -1 before the first reply. */
  pipe = -1;
  /** Eight times the moving average of the round trip. */
  rtt = 0;
  least = Number.POSITIVE_INFINITY;
  most = 0;
  private sum = 0;
  private squares = 0;
  /** The highest sequence number that was answered, in 16 bits. */
  private acked = 0;
  private readonly seen = new Uint8Array(BITMAP);

  /** Requests without an answer so far. */
  get inFlight(): number {
    const distance = (this.transmitted - this.acked) & 0xffff;
    return distance <= HALF ? distance : this.transmitted - this.received - this.errors;
  }

  hasSeen(sequence: number): boolean {
    return (this.seen[(sequence & 0xffff) >> 3]! & (1 << (sequence & 7))) !== 0;
  }

  /** The number is about to be used (again). */
  forget(sequence: number): void {
    this.seen[(sequence & 0xffff) >> 3]! &= ~(1 << (sequence & 7));
  }

  sent(): void {
    this.transmitted++;
    if (((this.transmitted - this.acked) & 0xffff) > HALF) this.acked = (this.transmitted + 1) & 0xffff;
  }

  /** A reply or an error came for this number. */
  acknowledge(sequence: number): void {
    const distance = (this.transmitted - sequence) & 0xffff;
    if (distance > HALF) return;
    this.pipe = Math.max(this.pipe, distance + 1);
    const ahead = (sequence - this.acked) & 0xffff;
    const isNewer = ahead > 0 && ahead <= HALF;
    if (isNewer || ((this.transmitted - this.acked) & 0xffff) > HALF) this.acked = sequence;
  }

  /** True for a duplicate. `micros` is null when the data has no room for a time. */
  reply(sequence: number, micros: number | null): boolean {
    this.acknowledge(sequence);
    if (micros !== null) this.time(micros);
    const isRepeat = this.hasSeen(sequence);
    if (isRepeat) this.repeats++;
    else {
      this.received++;
      this.seen[(sequence & 0xffff) >> 3]! |= 1 << (sequence & 7);
    }
    return isRepeat;
  }

  private time(micros: number): void {
    this.sum += micros;
    this.squares += micros * micros;
    this.least = Math.min(this.least, micros);
    this.most = Math.max(this.most, micros);
    this.rtt = this.rtt === 0 ? micros * 8 : this.rtt + micros - Math.trunc(this.rtt / 8);
  }

  /** ", 0% packet loss" and what stands around it. `elapsed` in nanoseconds, from the first request to the last. */
  counts(elapsed: number): string {
    const words = [`${this.transmitted} packets transmitted`, `${this.received} received`];
    if (this.repeats > 0) words.push(`+${this.repeats} duplicates`);
    if (this.errors > 0) words.push(`+${this.errors} errors`);
    if (this.transmitted > 0) {
      words.push(`${percent(((this.transmitted - this.received) * 100) / this.transmitted)}% packet loss`);
      words.push(`time ${Math.floor((elapsed + 500_000) / 1e6)}ms`);
    }
    return words.join(", ");
  }

  private get average(): number {
    return Math.trunc(this.sum / (this.received + this.repeats));
  }

  /** The last line; `paced` with what flood and adaptive pings add. */
  times(timed: boolean, paced: boolean, elapsed: number): string {
    const parts: string[] = [];
    if (this.received > 0 && timed) {
      const values = [this.least, this.average, this.most, this.deviation()];
      parts.push(`rtt min/avg/max/mdev = ${values.map(thousandths).join("/")} ms`);
    }
    if (this.pipe > 1) parts.push(`pipe ${this.pipe}`);
    if (this.received > 0 && paced && this.transmitted > 1) {
      const gap = Math.trunc(Math.floor(elapsed / 1000) / (this.transmitted - 1));
      parts.push(`ipg/ewma ${thousandths(gap)}/${this.movingAverage} ms`);
    }
    return parts.join(", ");
  }

  private deviation(): number {
    const total = this.received + this.repeats;
    const isSmall = this.sum < 2_147_483_647;
    const variance = isSmall
      ? (this.squares - Math.trunc((this.sum * this.sum) / total)) / total
      : this.squares / total - this.average * this.average;
    return squareRoot(Math.trunc(variance));
  }

  private get movingAverage(): string {
    return `${Math.trunc(this.rtt / 8000)}.${String(Math.trunc(this.rtt / 8) % 1000).padStart(3, "0")}`;
  }

  /** What control-\ shows. */
  status(timed: boolean): string {
    const lost = this.transmitted - this.received;
    const loss = this.transmitted === 0 ? 0 : Math.trunc((lost * 100) / this.transmitted);
    const head = `\r${this.received}/${this.transmitted} packets, ${loss}% loss`;
    if (this.received === 0 || !timed) return `${head}\n`;
    const [least, average, most] = [this.least, this.average, this.most].map(thousandths);
    return `${head}, min/avg/ewma/max = ${least}/${average}/${this.movingAverage}/${most} ms\n`;
  }
}

/** " time=61.7 ms": three digits, more below one millisecond. */
export function roundTrip(micros: number): string {
  if (micros >= 100_000 - 50) return ` time=${Math.trunc((micros + 500) / 1000)} ms`;
  if (micros >= 10_000 - 5) return ` time=${tenths(micros + 50, 100, 1)} ms`;
  if (micros >= 1000) return ` time=${tenths(micros + 5, 10, 2)} ms`;
  return ` time=${thousandths(micros)} ms`;
}

const tenths = (micros: number, unit: number, digits: number): string =>
  `${Math.trunc(micros / 1000)}.${String(Math.trunc((micros % 1000) / unit)).padStart(digits, "0")}`;
