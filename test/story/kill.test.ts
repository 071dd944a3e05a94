/** Promise P5: a run that is killed leaves captures that tshark reads, and little of them is missing. */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { readCapture } from "../../src/lab/capture/reader.ts";
import { CLI, TSX } from "../kit/cli.ts";
import { requireTool } from "../kit/tools.ts";

const folder = mkdtempSync(join(tmpdir(), "xenlab-kill-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A run that would go on for hours of virtual time. */
const ENDLESS = `
name: endless
mode: bridge
guests: { web1: 192.168.1.11, web2: 192.168.1.12 }
scenario:
  - { at: 1s, on: web1, run: ping -i 0.002 -q 192.168.1.12 }
checks: []
until: 100000s
`;

const sizes = (out: string): number => readdirSync(out).reduce((sum, name) => sum + statSync(join(out, name)).size, 0);

async function killedRun(out: string): Promise<void> {
  const file = join(folder, "endless.yaml");
  writeFileSync(file, ENDLESS);
  const child: ChildProcess = spawn(TSX, [CLI, "run", file, "--quiet", "--out", folder], {
    stdio: "ignore",
    detached: true,
  });
  try {
    for (let waited = 0; waited < 30_000; waited += 100) {
      await new Promise((resume) => setTimeout(resume, 100));
      if (statSync(out, { throwIfNoEntry: false }) !== undefined && sizes(out) > 500_000) break;
    }
  } finally {
    process.kill(-child.pid!, "SIGKILL");
  }
  await new Promise((resume) => child.once("exit", resume));
}

describe("kill -9 in the middle of a run", () => {
  test.skipIf(!requireTool("tshark"))(
    "every capture is readable, and the points agree up to the last blocks",
    async () => {
      const out = join(folder, "endless");
      await killedRun(out);
      const files = readdirSync(out).filter((name) => statSync(join(out, name)).size > 1000);
      expect(files.length).toBeGreaterThanOrEqual(4);
      const ends = files.map((name) => {
        const path = join(out, name);
        const capture = readCapture(readFileSync(path));
        const seen = Number(
          execFileSync("sh", ["-c", 'tshark -r "$1" -T fields -e frame.number 2>/dev/null | tail -1', "sh", path], {
            encoding: "utf8",
          }),
        );
        expect(capture.problem, name).toBeNull();
        expect(seen, name).toBe(capture.packets.length);
        return { name, last: capture.packets.at(-1)!.nanos, bytes: statSync(path).size };
      });
      // All points of the path carry the same ping: a file that lags behind the others by more than 64 KiB lost too much.
      const path = ends.filter(({ name }) => /web1-eth0|vif1\.0|vif2\.0|web2-eth0/.test(name));
      expect(path).toHaveLength(4);
      const [least, most] = [Math.min(...path.map(({ bytes }) => bytes)), Math.max(...path.map(({ bytes }) => bytes))];
      expect(most - least).toBeLessThan(64 * 1024);
    },
  );
});
