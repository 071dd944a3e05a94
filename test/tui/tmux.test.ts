/** Each view in a second terminal: tmux draws what xterm.js hides, such as a last column that was erased. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { requireTool } from "../kit/tools.ts";
import { built, PROGRAM } from "./kit/terminal.ts";

const folder = mkdtempSync(join(tmpdir(), "xenlab-tmux-"));
/** A server of our own: other sessions of the user are none of our business. */
const SOCKET = join(folder, "socket");
const SESSION = "views";
const ROOT = resolve(import.meta.dirname, "../..");
const PATIENCE_MILLIS = 30_000;

const hasTmux = requireTool("tmux");
const tmux = (...args: readonly string[]): string =>
  execFileSync("tmux", ["-S", SOCKET, "-u", ...args], { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });

async function shows(wanted: RegExp): Promise<string> {
  const end = Date.now() + PATIENCE_MILLIS;
  for (;;) {
    const screen = tmux("capture-pane", "-p", "-t", SESSION);
    if (wanted.test(screen)) return screen;
    if (Date.now() > end) throw new Error(`waited in vain for ${wanted}; the screen is\n${screen}`);
    await new Promise((resume) => setTimeout(resume, 100));
  }
}

describe.skipIf(!hasTmux)("in tmux, 80x24", () => {
  beforeAll(() => {
    built();
    const program = `${process.execPath} ${PROGRAM} open topologies/bridge-xl.yaml --no-card --out ${folder}`;
    tmux(
      "-f",
      "/dev/null",
      "new-session",
      "-d",
      "-s",
      SESSION,
      "-x",
      "80",
      "-y",
      "24",
      "-c",
      ROOT,
      `env -u CI ${program}`,
    );
  });
  afterAll(() => {
    try {
      tmux("kill-server");
    } catch {
      // It ended with its last session.
    }
    rmSync(folder, { recursive: true, force: true });
  });

  test("Map: boxes are closed, to the last column", async () => {
    await shows(/no bridge yet/);
    tmux("send-keys", "-t", SESSION, "Space");
    const screen = await shows(/web2 dom2 +running/);
    expect(screen).toMatch(/╭─ lan ─+╮\n/);
    expect(screen.split("\n").filter((line) => [...line].length === 80).length).toBeGreaterThanOrEqual(6);
  });

  test("Packets: list, decode and bytes", async () => {
    tmux("send-keys", "-t", SESSION, "2");
    // The last row of the view: tmux may be asked amid a paint.
    const screen = await shows(/ICMP.*\[ \] other tap/s);
    for (const word of ["Source", "─ Decode ", "─ Bytes ", "[ ] other tap"]) expect(screen).toContain(word);
  });

  test("Shell: a command and its answer", async () => {
    tmux("send-keys", "-t", SESSION, "5");
    await shows(/root@xen1:~#/);
    tmux("send-keys", "-t", SESSION, "-l", "brctl show");
    tmux("send-keys", "-t", SESSION, "Enter");
    expect(await shows(/STP enabled/)).toMatch(/xenbr0 +8000\.003048aabb01 +no +eth0/);
  });

  test("Setup: steps beside their reason, before beside after", async () => {
    tmux("send-keys", "-t", SESSION, "M-4");
    await shows(/^(?!.*rehearsing).* step 1\/\d+$/m);
    tmux("send-keys", "-t", SESSION, "Right");
    const screen = await shows(/ step 2\/\d+$[\s\S]*│ 3: xenbr0: <MULTICAST> +◄$/m);
    expect(screen).toMatch(/│ # brctl addbr xenbr0$/m);
    expect(screen).toContain("▸ · brctl addbr xenbr0");
  });

  test("Captures: the points and what they hold", async () => {
    tmux("send-keys", "-t", SESSION, "M-6");
    expect(await shows(/xen1:vif1\.0/)).toMatch(/◉ xen1:vif1\.0 +vif +on +\d+/);
  });

  test("q leaves, and the session with it", async () => {
    tmux("send-keys", "-t", SESSION, "q");
    const end = Date.now() + PATIENCE_MILLIS;
    let isOver = false;
    while (!isOver && Date.now() < end) {
      try {
        tmux("has-session", "-t", SESSION);
        await new Promise((resume) => setTimeout(resume, 100));
      } catch {
        isOver = true;
      }
    }
    expect(isOver).toBe(true);
  });
});
