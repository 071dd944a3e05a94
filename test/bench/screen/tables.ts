/** What the terminal costs: CPU of each view at 100,000 frames a second, time from key to screen, rest, and the start. */
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { built } from "../../tui/kit/terminal.ts";
import { median } from "../calibrate.ts";
import type { Stretch } from "./alone.ts";
import { COLUMNS, ROWS, type Spent, type Stroke, sleep, Watched } from "./watched.ts";

const ROOT = resolve(import.meta.dirname, "../../..");
const BUSY = join(import.meta.dirname, "busy.yaml");
const QUIET = join(ROOT, "topologies/bridge-xl.yaml");

const ROUNDS = 3;
const ROUND_MILLIS = 5_000;
const STROKES = 50;
const STARTS = 5;

/** What is typed to get there, also from a text field. */
const VIEWS: readonly (readonly [name: string, keys: string])[] = [
  ["map", "\x1b1"],
  ["packets", "\x1b2"],
  ["filtered", "\x1b2/icmp and port == web1:eth0\r"],
  ["captures", "\x1b6"],
  ["shell", "\x1b5"],
];

export async function benchScreen(): Promise<void> {
  if (!existsSync("/proc/self/stat"))
    return console.log("\nthe screen: its CPU time is read from /proc, and there is none");
  built();
  console.log(
    `\nthe screen, ${COLUMNS}x${ROWS}, the built program in a pseudo terminal; medians of ${ROUNDS} times ${ROUND_MILLIS / 1e3} s`,
  );
  const alone = labAlone();
  const rate = alone.frames / alone.real;
  console.log(
    `the lab alone: ${thousands(rate)} frames/s at the guests, ${percent(alone.cpu / alone.real)} of a core, ${((alone.cpu / alone.frames) * 1e6).toFixed(2)} us a frame`,
  );
  const busy = await Watched.open(BUSY, "--no-ping");
  try {
    await warmUp(busy);
    await views(busy, alone);
    console.log("\nkey to screen, ms         median    p95   goal: median 50");
    await keys(busy, "busy");
  } finally {
    busy.close();
  }
  await atRest();
  await starts();
}

/** The clock stands at the flood, and everything has been drawn once. */
async function warmUp({ terminal }: Watched): Promise<void> {
  terminal.type(" ");
  await terminal.shows(/00:00:03\./);
  for (const [, keys] of VIEWS) {
    terminal.type(keys);
    await sleep(1_000);
  }
  // In the shell at last, something to see there.
  terminal.type("\x1b2", "\x1b");
  await sleep(100);
  terminal.type("\x1b5", "ping -i 0.05 192.168.1.101\r");
  await terminal.shows(/icmp_seq=3/);
}

function labAlone(): Stretch {
  const script = join(import.meta.dirname, "alone.ts");
  const args = ["--import", "tsx", script, BUSY, join(ROOT, "src/lab/index.ts"), String(ROUNDS * ROUND_MILLIS)];
  return JSON.parse(execFileSync(process.execPath, args, { encoding: "utf8", cwd: ROOT })) as Stretch;
}

async function views(watched: Watched, alone: Stretch): Promise<void> {
  console.log("\nview       frames/s   CPU    lab alone   screen   goal   paints/s   kB/s");
  for (const [name, keys] of VIEWS) {
    watched.terminal.type(keys);
    await sleep(2_000);
    const rounds: Spent[] = [];
    for (let i = 0; i < ROUNDS; i++) rounds.push(await watched.spends(ROUND_MILLIS));
    console.log(`${name.padEnd(10)} ${viewLine(rounds, alone)}`);
  }
}

/** What the lab alone would have spent on as many frames is no part of the screen. */
function viewLine(rounds: readonly Spent[], alone: Stretch): string {
  const of = (figure: (round: Spent) => number): number => median(rounds.map(figure));
  const pace = alone.frames / alone.virtual;
  const frames = of(({ virtual, real }) => (virtual / real) * pace);
  const cpu = of((round) => round.cpu / round.real);
  const screen = of(({ cpu: all, virtual, real }) => (all - (virtual * pace * alone.cpu) / alone.frames) / real);
  const paints = of((round) => round.paints / round.real);
  const bytes = of((round) => round.bytes / round.real);
  return [
    thousands(frames).padStart(8),
    percent(cpu).padStart(6),
    percent(cpu - screen).padStart(10),
    percent(screen).padStart(8),
    "< 15 %",
    paints.toFixed(1).padStart(8),
    (bytes / 1e3).toFixed(0).padStart(7),
  ].join("  ");
}

async function keys(watched: Watched, when: string): Promise<void> {
  const { terminal } = watched;
  const measure = async (name: string, stroke: Stroke): Promise<void> =>
    row(`${name}, ${when}`, await watched.answers(STROKES, stroke));
  terminal.type("\x1b1");
  await terminal.shows("─ FDB");
  await measure("another view", { key: "2", shows: (text) => text.includes("─ Decode"), undo: "1" });
  await measure("help", { key: "?", shows: (text) => text.includes("╭─ Help"), undo: "?" });
  terminal.type("5");
  await terminal.shows(/icmp_seq|root@xen1/);
  terminal.type("\x03");
  await terminal.shows(/root@xen1:~# *(│|$)/m);
  await measure("a letter", { key: "q", shows: (text) => /# q *(│|$)/m.test(text), undo: "\x7f" });
  await measure("a command", { key: "echo zz\r", shows: (text) => /^zz\s*($|│)/m.test(text), undo: "\x0c" });
  terminal.type("\x1b1");
  await terminal.shows("─ FDB");
}

function row(name: string, times: readonly number[]): void {
  const sorted = [...times].sort((a, b) => a - b);
  const p95 = sorted[Math.floor(sorted.length * 0.95)]!;
  console.log(`${name.padEnd(25)} ${median(times).toFixed(1).padStart(6)} ${p95.toFixed(1).padStart(6)}`);
}

async function atRest(): Promise<void> {
  const watched = await Watched.open(QUIET);
  try {
    await sleep(2_000);
    console.log(`\npaused: ${restLine(await watched.spends(ROUND_MILLIS))}   goal < 2 %`);
    await keys(watched, "paused");
    watched.terminal.type(" ");
    await watched.terminal.shows("has booted");
    await sleep(5_000);
    console.log(`\nat 1x, a ping a second: ${restLine(await watched.spends(ROUND_MILLIS))}`);
    await keys(watched, "1x");
  } finally {
    watched.close();
  }
}

const restLine = ({ cpu, real, bytes, paints }: Spent): string =>
  `${percent(cpu / real)} of a core, ${(bytes / real / 1e3).toFixed(1)} kB/s, ${(paints / real).toFixed(1)} paints/s`;

/** The CPU time is there to tell a slow start from a busy machine. */
async function starts(): Promise<void> {
  const times: number[] = [];
  const cpu: number[] = [];
  for (let i = 0; i < STARTS; i++) {
    const start = performance.now();
    const watched = await Watched.open(QUIET);
    times.push((performance.now() - start) / 1e3);
    cpu.push(watched.cpu);
    watched.close();
  }
  const all = times.map((time) => time.toFixed(2)).join(" ");
  console.log(
    `\nstart to the Map: ${median(times).toFixed(2)} s (${all}), ${median(cpu).toFixed(2)} s of CPU   goal 1 s`,
  );
}

const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;
const thousands = (n: number): string => Math.round(n).toLocaleString("en-US");
