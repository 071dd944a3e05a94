/**
 * `npm run fuzz:twin`: random domain 0s and random frames, in the emulator and in this machine's kernel; what leaves each
 * interface must be equal. What differs is made small and saved beside the tests. Needs root.
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { type Case, savedCase, textOf } from "./case.ts";
import { type Comparison, compare } from "./compare.ts";
import { inEmulator } from "./emulated-world.ts";
import { caseOf } from "./generate/case.ts";
import { Hits } from "./hits.ts";
import { UNSTABLE } from "./predicates.ts";
import { kernelRelease, RealWorld } from "./real-world.ts";
import { shrink } from "./shrink.ts";
import { tellDifference } from "./tell.ts";

const HELP = `npm run fuzz:twin -- [options]
Random domain 0s and random frames, in the emulator and in this machine's kernel (root, python3, ip, bridge, iptables).

  --cases N      how many cases (200)
  --seed S       of which sequence (1)
  --first N      begin with case number N of it (0)
  --seconds T    stop after so many seconds
  --most N       stop after so many differences (5)
  --as-is        do not make cases that differ smaller
  --save FOLDER  where cases that differ are put (test/regression)
  --replay FILE  play one that was saved, and no other
  --help

Exit code 0: equal; 1: something differs; 2: it cannot run.`;

interface Options {
  readonly cases: number;
  readonly seed: number;
  readonly first: number;
  readonly seconds: number;
  readonly most: number;
  readonly "as-is": boolean;
  readonly save: string;
  readonly replay: string | undefined;
}

class Usage extends Error {}

function options(): Options | null {
  const text = { type: "string" } as const;
  const { values } = parseArgs({
    options: {
      ...{ cases: text, seed: text, first: text, seconds: text, most: text, save: text, replay: text },
      ...{ "as-is": { type: "boolean" }, help: { type: "boolean" } },
    },
  });
  if (values.help === true) return null;
  const number = (name: "cases" | "seed" | "first" | "seconds" | "most", usual: number): number => {
    const given = values[name];
    if (given !== undefined && !/^\d+$/.test(given)) throw new Usage(`--${name} ${given}: a number is expected`);
    return given === undefined ? usual : Number(given);
  };
  return {
    cases: number("cases", 200),
    seed: number("seed", 1),
    first: number("first", 0),
    seconds: number("seconds", Number.POSITIVE_INFINITY),
    most: number("most", 5),
    "as-is": values["as-is"] ?? false,
    save: values.save ?? "test/regression",
    replay: values.replay,
  };
}

async function inBoth(world: RealWorld, one: Case): Promise<Comparison> {
  const kernel = world.play(one);
  // Both at once: a processor each.
  const emulator = inEmulator(one);
  return compare(one, emulator, await kernel);
}

/** What differs once only is the doing of a clock. */
async function askedTwice(world: RealWorld, one: Case): Promise<Comparison> {
  const first = await inBoth(world, one);
  if (first.difference === null) return first;
  const second = await inBoth(world, one);
  return second.difference === null ? { difference: null, used: new Set([...second.used, UNSTABLE]) } : second;
}

async function replay(world: RealWorld, file: string): Promise<number> {
  const one = savedCase(readFileSync(file, "utf8"));
  const { difference } = await inBoth(world, one);
  console.log(difference === null ? `${file}: equal` : `${file}: differs\n${tellDifference(one, difference)}`);
  return difference === null ? 0 : 1;
}

async function keep(world: RealWorld, one: Case, name: string, wanted: Options): Promise<void> {
  const differs = async (candidate: Case): Promise<boolean> => (await inBoth(world, candidate)).difference !== null;
  const small = wanted["as-is"] ? one : await shrink(one, differs);
  const outcome = await world.play(small);
  const { difference } = compare(small, inEmulator(small), outcome);
  console.log(
    `\n${name} differs${difference === null ? ", but not twice" : `:\n${tellDifference(small, difference)}`}`,
  );
  mkdirSync(wanted.save, { recursive: true });
  const file = join(wanted.save, `${name}.json`);
  writeFileSync(file, textOf({ about: "", kernel: kernelRelease(), steps: small.steps, outcome }));
  console.log(`saved as ${file}`);
}

async function fuzz(world: RealWorld, wanted: Options): Promise<number> {
  const begun = Date.now();
  const hits = new Hits();
  let differing = 0;
  let done = 0;
  const elapsed = (): number => (Date.now() - begun) / 1000;
  const progress = (): string => `${done} cases of seed ${wanted.seed}, ${differing} differ, ${elapsed().toFixed(0)} s`;
  while (done < wanted.cases && elapsed() < wanted.seconds && differing < wanted.most) {
    const number = wanted.first + done;
    const one = caseOf(wanted.seed, number);
    const { difference, used } = await askedTwice(world, one);
    done++;
    hits.count(used, number);
    if (difference !== null) {
      differing++;
      await keep(world, one, `seed-${wanted.seed}-case-${number}`, wanted);
    }
    if (process.stderr.isTTY) process.stderr.write(`\r${progress()} `);
    else if (done % 250 === 0) console.log(progress());
  }
  console.log(`\n${progress()}\n${hits.table(done)}`);
  return differing > 0 || hits.isTooMany(done) ? 1 : 0;
}

async function main(): Promise<number> {
  const wanted = options();
  if (wanted === null) {
    console.log(HELP);
    return 0;
  }
  if (process.getuid?.() !== 0) throw new Usage("network namespaces need root");
  const world = new RealWorld();
  try {
    return await (wanted.replay === undefined ? fuzz(world, wanted) : replay(world, wanted.replay));
  } finally {
    await world.close();
  }
}

try {
  process.exitCode = await main();
} catch (error) {
  const isUsage = error instanceof Usage || (error instanceof TypeError && "code" in error);
  console.error(isUsage ? `fuzz:twin: ${(error as Error).message}\n${HELP}` : error);
  process.exitCode = 2;
}
