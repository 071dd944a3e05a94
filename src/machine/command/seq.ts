/** seq(1), printing no faster than its reader reads. Not modelled: -f. */
import type { Command } from "../command.ts";
import { misused, readOptions } from "../options.ts";
import { Program } from "../process.ts";

const NUMBER = /^[-+]?(\d+\.?\d*|\.\d+)$/;
/** Numbers per write. */
const BATCH = 1000;

export const seq: Command = {
  name: "seq",
  summary: "Print numbers from FIRST to LAST, in steps of INCREMENT.",
  usage: "seq [OPTION]... [FIRST [INCREMENT]] LAST",
  options: [
    { flag: "-s, --separator=STRING", text: "use STRING to separate numbers" },
    { flag: "-w, --equal-width", text: "equalize width by padding with leading zeroes" },
  ],
  operands: ["text"],
  start(process) {
    // A negative number is no option.
    const first = process.argv.findIndex((word, i) => i > 0 && NUMBER.test(word));
    const words =
      first < 0 ? process.argv.slice(1) : [...process.argv.slice(1, first), "--", ...process.argv.slice(first)];
    const options = readOptions(process, seq, { words });
    if (typeof options === "number") return options;
    const numbers = options.operands;
    if (numbers.length === 0) return misused(process, seq, "missing operand");
    if (numbers.length > 3) return misused(process, seq, `extra operand '${numbers[3]}'`);
    const bad = numbers.find((word) => !NUMBER.test(word));
    if (bad !== undefined) return misused(process, seq, `invalid floating point argument: '${bad}'`);
    const [from, step, to] =
      numbers.length === 3 ? numbers : numbers.length === 2 ? [numbers[0], "1", numbers[1]] : ["1", "1", numbers[0]];
    if (Number(step) === 0) return misused(process, seq, `invalid Zero increment value: '${step}'`);
    return new Seq(from!, step!, to!, options.value("s") ?? "\n", options.has("w"));
  },
};

/** Counts in integers of the last decimal, so that 0.1 steps do not drift. */
class Seq extends Program {
  private readonly scale: number;
  private readonly decimals: number;
  private readonly step: number;
  private readonly last: number;
  private readonly separator: string;
  private readonly width: number;
  private next: number;
  private any = false;

  constructor(from: string, step: string, to: string, separator: string, equalWidth: boolean) {
    super();
    const places = (text: string): number => text.split(".")[1]?.length ?? 0;
    this.decimals = Math.max(places(from), places(step));
    this.scale = 10 ** Math.max(this.decimals, places(to));
    this.next = Math.round(Number(from) * this.scale);
    this.step = Math.round(Number(step) * this.scale);
    this.last = Math.round(Number(to) * this.scale);
    this.separator = separator;
    this.width = equalWidth ? Math.max(this.shown(this.next).length, this.shown(this.last).length) : 0;
  }

  start(): void {
    this.outputReady();
  }

  override outputReady(): void {
    const { process } = this;
    while (!this.over && !process.hasEnded && !process.stdout.full) process.print(this.batch());
    if (!this.over || process.hasEnded) return;
    if (this.any) process.print("\n");
    process.exit(0);
  }

  private get over(): boolean {
    return this.step > 0 ? this.next > this.last : this.next < this.last;
  }

  private batch(): string {
    let text = "";
    for (let i = 0; i < BATCH && !this.over; i++) {
      text += (this.any ? this.separator : "") + this.padded(this.next);
      this.any = true;
      this.next += this.step;
    }
    return text;
  }

  private shown(value: number): string {
    return (value / this.scale).toFixed(this.decimals);
  }

  private padded(value: number): string {
    const text = this.shown(value);
    return text.startsWith("-") ? `-${text.slice(1).padStart(this.width - 1, "0")}` : text.padStart(this.width, "0");
  }
}
