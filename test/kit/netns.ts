/** A throw-away network namespace of the real kernel, for tests that compare with the real tools. */
import { spawnSync } from "node:child_process";

export interface RealOutcome {
  readonly out: string;
  readonly err: string;
  readonly code: number | null;
}

let made = 0;

export class NetNamespace {
  readonly name: string;

  constructor() {
    this.name = `xenlab-${process.pid}-${made++}`;
    const answer = spawnSync("ip", ["netns", "add", this.name], { encoding: "utf8" });
    if (answer.status !== 0) throw new Error(`ip netns add: ${answer.stderr}`);
  }

  /** A shell line inside, in the C locale. */
  run(line: string): RealOutcome {
    const done = spawnSync("ip", ["netns", "exec", this.name, "sh", "-c", line], {
      encoding: "utf8",
      // A tool that waits for ever must not take the whole test run with it.
      timeout: 30_000,
      env: { ...process.env, LC_ALL: "C", TZ: "UTC" },
    });
    return { out: done.stdout, err: done.stderr, code: done.status };
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
