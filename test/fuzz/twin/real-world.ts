/** A case in this machine's kernel: a line to real-world.py, a line from it. Needs root. */
import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { once } from "node:events";
import { release } from "node:os";
import { createInterface, type Interface } from "node:readline";
import type { Case, Outcome } from "./case.ts";
import { BEFORE, CABLES, FAR_MTU, SETTLED } from "./ground.ts";

export class RealWorld {
  private readonly helper: ChildProcessWithoutNullStreams;
  private readonly answers: Interface;
  private readonly waiting: { resolve(outcome: Outcome): void; reject(why: Error): void }[] = [];
  private complaint = "";

  constructor() {
    const script = new URL("real-world.py", import.meta.url).pathname;
    this.helper = spawn("python3", [script], { env: { ...process.env, LC_ALL: "C" } });
    this.helper.stderr.setEncoding("utf8").on("data", (text: string) => {
      this.complaint += text;
    });
    // What the pipe says when the helper has ended is told by `close`.
    this.helper.stdin.on("error", () => {});
    this.answers = createInterface({ input: this.helper.stdout });
    this.answers.on("line", (line) => this.waiting.shift()?.resolve(JSON.parse(line) as Outcome));
    this.helper.on("close", (code) => {
      for (const { reject } of this.waiting.splice(0))
        reject(new Error(`real-world.py ended (${code}): ${this.complaint}`));
    });
  }

  /** Cases are taken in the order in which they are given, each in namespaces of its own. */
  play({ steps }: Case): Promise<Outcome> {
    const order = { cables: CABLES, farMtu: FAR_MTU, before: BEFORE, settled: SETTLED, steps };
    return new Promise((resolve, reject) => {
      this.waiting.push({ resolve, reject });
      this.helper.stdin.write(`${JSON.stringify(order)}\n`);
    });
  }

  async close(): Promise<void> {
    if (this.helper.exitCode !== null) return;
    this.helper.stdin.end();
    await once(this.helper, "close");
  }
}

export const kernelRelease = (): string => release();
