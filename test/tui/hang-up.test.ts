/** The terminal itself goes away under the program: an ssh connection that breaks, a window that is closed. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { requireTool } from "../kit/tools.ts";
import { built, PROGRAM } from "./kit/terminal.ts";

beforeAll(built);

test.skipIf(!requireTool("python3")).each([
  ["is told by SIGHUP", "leader"],
  ["finds only that its input has ended", "stranger"],
])("the program, which %s, ends with its captures written", (_, role) => {
  const folder = mkdtempSync(join(tmpdir(), "xenlab-gone-"));
  try {
    const script = new URL("kit/hang-up.py", import.meta.url).pathname;
    const program = [PROGRAM, "open", "topologies/bridge-xl.yaml", "--no-card", "--out", folder];
    const said = execFileSync("python3", [script, role, "no bridge yet", process.execPath, ...program], {
      cwd: resolve(import.meta.dirname, "../.."),
      env: { ...process.env, TERM: "xterm-256color" },
      encoding: "utf8",
    });
    expect(said.trim(), "by SIGHUP, as a program that never heard of it").toBe("-1");
    const captures = readdirSync(join(folder, "bridge-xl")).filter((name) => name.endsWith(".pcapng"));
    expect(captures.length).toBeGreaterThan(0);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
