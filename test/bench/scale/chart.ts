/** A chart as it is measured: named series of points, and how its axes run. What draws it is in the files beside. */
export type Scale = "linear" | "log";
export type Point = readonly [x: number, y: number];

export interface Series {
  readonly name: string;
  readonly points: readonly Point[];
}

export interface Chart {
  readonly title: string;
  readonly x: string;
  readonly y: string;
  readonly yScale: Scale;
  /** Of x the scale is always logarithmic. */
  readonly series: readonly Series[];
}

/** One axis: what it shows, and which values get a line and a number. */
export class Axis {
  readonly scale: Scale;
  readonly ticks: readonly number[];
  private readonly least: number;
  private readonly most: number;

  constructor(scale: Scale, values: readonly number[]) {
    this.scale = scale;
    const [least, most] = [Math.min(...values), Math.max(...values)];
    this.ticks = scale === "log" ? logTicks(least, most) : linearTicks(most);
    this.least = this.ticks[0]!;
    this.most = Math.max(this.ticks.at(-1)!, most);
  }

  /** Where a value lies, 0 to 1. */
  place(value: number): number {
    if (this.scale === "linear") return value / this.most;
    return Math.log(value / this.least) / Math.log(this.most / this.least);
  }
}

/** Powers of ten, with 2 and 5 between them where there are few. The last one may lie short of the end of the axis. */
function logTicks(least: number, most: number): number[] {
  const from = Math.floor(Math.log10(least));
  const to = Math.max(Math.ceil(Math.log10(most)), from + 1);
  const steps = to - from > 3 ? [1] : [1, 2, 5];
  const all = Array.from({ length: to - from }, (_, i) => steps.map((step) => step * 10 ** (from + i))).flat();
  const ticks = [...all, 10 ** to];
  const first = ticks.findLastIndex((tick) => tick <= least);
  const last = steps.length > 1 ? ticks.findIndex((tick) => tick >= most) : ticks.findLastIndex((tick) => tick <= most);
  return ticks.slice(first, Math.max(last, first + 1) + 1);
}

/** From 0, in about five steps of 1, 2 or 5. */
function linearTicks(most: number): number[] {
  const rough = most / 5;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((each) => each * power).find((each) => each >= rough)!;
  return Array.from({ length: Math.ceil(most / step) + 1 }, (_, i) => i * step);
}

/** 1k for a thousand; never more than three digits. */
export function figure(value: number): string {
  if (value >= 1e6) return `${trimmed(value / 1e6)}M`;
  if (value >= 1e3) return `${trimmed(value / 1e3)}k`;
  return trimmed(value);
}

const trimmed = (value: number): string => String(Number(value.toPrecision(3)));

export const axesOf = ({ series, yScale }: Chart): readonly [x: Axis, y: Axis] => {
  const points = series.flatMap((each) => each.points);
  return [
    new Axis(
      "log",
      points.map(([x]) => x),
    ),
    new Axis(
      yScale,
      points.map(([, y]) => y),
    ),
  ];
};
