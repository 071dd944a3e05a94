/** A throw-away network namespace of the real kernel, for tests that compare with the real tools. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface RealOutcome {
  readonly out: string;
  readonly err: string;
  readonly code: number | null;
}

const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;

let made = 0;

export class NetNamespace {
  readonly name: string;

  constructor() {
    this.name = `xenlab-${process.pid}-${made++}`;
    const answer = spawnSync("ip", ["netns", "add", this.name], { encoding: "utf8" });
    if (answer.status !== 0) throw new Error(`ip netns add: ${answer.stderr}`);
  }

  /** A shell line inside, in the C locale. */
  run(line: string, timeout = 30_000): RealOutcome {
    const done = spawnSync("ip", ["netns", "exec", this.name, "sh", "-c", line], {
      encoding: "utf8",
      // A tool that waits for ever must not take the whole test run with it.
      timeout,
      env: { ...process.env, LC_ALL: "C", TZ: "UTC" },
    });
    return { out: done.stdout, err: done.stderr, code: done.status };
  }

  /** Each line in a shell of its own, and one process for all of them: entering a namespace costs more than most tools. */
  runAll(lines: readonly string[]): RealOutcome[] {
    const folder = mkdtempSync(join(tmpdir(), "netns-"));
    const script = lines.map((line, i) => `sh -c ${quoted(line)} > ${folder}/${i}.out 2> ${folder}/${i}.err; echo $?`);
    const { out } = this.run(`cd ${folder}\n${script.join("\n")}`, 300_000);
    const codes = out.trim().split("\n").map(Number);
    const read = (name: string): string => readFileSync(join(folder, name), "utf8");
    const outcomes = lines.map((_, i) => ({ out: read(`${i}.out`), err: read(`${i}.err`), code: codes[i] ?? null }));
    rmSync(folder, { recursive: true });
    return outcomes;
  }

  /** Lines that must succeed. */
  prepare(...lines: string[]): void {
    for (const line of lines) {
      const { err, code } = this.run(line);
      if (code !== 0) throw new Error(`${line}: ${err}`);
    }
  }

  remove(): void {
    spawnSync("ip", ["netns", "del", this.name]);
  }
}

/** Can this user make namespaces? */
export function canMakeNamespaces(): boolean {
  const name = `xenlab-${process.pid}-probe`;
  const isMade = spawnSync("ip", ["netns", "add", name]).status === 0;
  if (isMade) spawnSync("ip", ["netns", "del", name]);
  return isMade;
}
