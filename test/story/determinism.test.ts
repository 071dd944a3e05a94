/** Promise P1 and P8: the same topology, seed and journal make the same bytes, also in a lab that was copied on the way. */
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { Random } from "../../src/engine/random.ts";
import { copyLab, type Lab, openLab } from "../../src/lab/index.ts";
import { planOfFile, shipped } from "../kit/lab.ts";
import { expectLedger } from "../kit/ledger.ts";

const CLI = resolve(import.meta.dirname, "../../src/cli/main.ts");
const TSX = resolve(import.meta.dirname, "../../node_modules/.bin/tsx");
const INSTANTS = 50;

const folder = mkdtempSync(join(tmpdir(), "xenlab-determinism-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Everything a lab has written so far, by file. */
class Kept {
  private readonly hashes = new Map<string, ReturnType<typeof createHash>>();

  drain(lab: Lab): void {
    for (const file of lab.captures!.list) {
      const hash = this.hashes.get(file.path) ?? createHash("sha256");
      this.hashes.set(file.path, hash.update(file.take()));
    }
  }

  get digests(): Record<string, string> {
    return Object.fromEntries([...this.hashes].map(([path, hash]) => [path, hash.copy().digest("hex")]));
  }

  fork(): Kept {
    const twin = new Kept();
    for (const [path, hash] of this.hashes) twin.hashes.set(path, hash.copy());
    return twin;
  }
}

function toEnd(lab: Lab, kept: Kept): Record<string, string> {
  while (!lab.runSlice(10_000)) kept.drain(lab);
  kept.drain(lab);
  expectLedger(lab);
  return {
    ...kept.digests,
    fates: JSON.stringify(lab.fates),
    checks: JSON.stringify(lab.scenario.results),
    output: JSON.stringify(lab.scenario.runs.map((run) => run.console.text())),
  };
}

const options = { capture: { format: "pcapng", merged: true } } as const;

describe.each(["bridge-xl.yaml", "bridge-busy.yaml"])("copies of %s", (name) => {
  const title = `at ${INSTANTS} random instants both go on to the same bytes as the run that was never copied`;
  // On a machine that does other things too it takes minutes.
  test(title, { timeout: 400_000 }, () => {
    const plan = planOfFile(name);
    const reference = openLab(plan, options);
    const expected = toEnd(reference, new Kept());
    const total = reference.world.scheduler.executed;
    const random = new Random(2, "instants");
    const instants = Array.from({ length: INSTANTS }, () => random.below(total)).sort((a, b) => a - b);
    const lab = openLab(plan, options);
    const kept = new Kept();
    for (const instant of instants) {
      lab.runSlice(instant - lab.world.scheduler.executed);
      kept.drain(lab);
      expect(toEnd(copyLab(lab), kept.fork()), `copied after ${instant} of ${total} events`).toEqual(expected);
    }
    expect(toEnd(lab, kept), "the original, copied fifty times").toEqual(expected);
  });
});

function runElsewhere(name: string, env: Record<string, string>, ...args: string[]): Record<string, string> {
  const out = mkdtempSync(join(folder, "run-"));
  execFileSync(TSX, [CLI, "run", shipped(name), "--quiet", "--merged", "--out", out, ...args], {
    cwd: out,
    env: { ...process.env, ...env },
    stdio: "pipe",
  });
  const written = (readdirSync(out, { recursive: true }) as string[]).filter((file) => file.endsWith(".pcapng"));
  return Object.fromEntries(
    written.map((file) => [
      file,
      createHash("sha256")
        .update(readFileSync(join(out, file)))
        .digest("hex"),
    ]),
  );
}

describe("elsewhere", () => {
  test("another folder, time zone and locale: identical bytes", () => {
    const here = runElsewhere("bridge-xl.yaml", { TZ: "UTC", LC_ALL: "C" });
    const there = runElsewhere("bridge-xl.yaml", { TZ: "Asia/Kathmandu", LC_ALL: "tr_TR.UTF-8", LANG: "tr_TR.UTF-8" });
    expect(Object.keys(here).length).toBeGreaterThan(5);
    expect(there).toEqual(here);
  });

  test("another seed: other generated MAC addresses, and the checks still pass", () => {
    const macs = (seed?: number): number[] =>
      planOfFile("bridge-short.yaml", seed).hosts.flatMap((host) =>
        host.domains.flatMap((domain) => domain.vifs.map((vif) => vif.mac)),
      );
    expect(macs(99)).not.toEqual(macs());
    for (const seed of [1, 99, 12345]) {
      const lab = openLab(planOfFile("bridge-short.yaml", seed));
      while (!lab.runSlice(10_000));
      expect(lab.scenario.results.map(({ name, ok }) => ({ name, ok }))).toEqual(
        lab.plan.checks.map(({ name }) => ({ name, ok: true })),
      );
    }
  });
});
