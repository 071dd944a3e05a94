/** The built program in a real pseudo terminal, as its user has it: keys in, a screen out. */
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { type IPty, spawn } from "@lydell/node-pty";
import { Emulator } from "./emulator.ts";

const ROOT = resolve(import.meta.dirname, "../../..");
export const PROGRAM = join(ROOT, "dist/cli/main.js");

/** Builds the program when it is not there. */
export function built(): void {
  if (!existsSync(PROGRAM)) execFileSync("npm", ["run", "build"], { cwd: ROOT, stdio: "ignore" });
}

/** How long a screen may take to show what is waited for: machines differ, and the test only waits on a fault. */
const PATIENCE_MILLIS = 30_000;

export interface TerminalSetting {
  readonly columns?: number;
  readonly rows?: number;
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Runs in a folder of its own, where captures go by themselves. */
  readonly elsewhere?: boolean;
  /** Another program than xenlab's, for a shell around it. */
  readonly command?: readonly [file: string, ...args: string[]];
}

export class PtyTerminal {
  readonly emulator: Emulator;
  /** Where captures go. */
  readonly folder: string;
  /** Exit code; null while it runs. */
  exitCode: number | null = null;
  private readonly pty: IPty;
  private changed: (() => void) | null = null;

  constructor({ columns = 80, rows = 24, args = [], env = {}, elsewhere = false, command }: TerminalSetting = {}) {
    this.emulator = new Emulator(columns, rows);
    this.folder = mkdtempSync(join(tmpdir(), "xenlab-tui-"));
    const [file, ...own] = command ?? [
      process.execPath,
      PROGRAM,
      "open",
      ...args,
      ...(elsewhere ? [] : ["--out", this.folder]),
    ];
    this.pty = spawn(file, own, {
      name: "xterm-256color",
      cols: columns,
      rows,
      cwd: elsewhere ? this.folder : ROOT,
      env: { ...cleanEnvironment(), ...env },
    });
    this.pty.onData((text) => void this.emulator.write(text).then(() => this.changed?.()));
    this.pty.onExit(({ exitCode, signal }) => {
      this.exitCode = signal ? 128 + signal : exitCode;
      setTimeout(() => this.changed?.(), 50);
    });
  }

  get pid(): number {
    return this.pty.pid;
  }

  get text(): string {
    return this.emulator.text();
  }

  /** Types texts, each as one write. */
  type(...texts: readonly string[]): void {
    for (const text of texts) this.pty.write(text);
  }

  resize(columns: number, rows: number): void {
    this.emulator.resize(columns, rows);
    this.pty.resize(columns, rows);
  }

  /** Waits until the screen shows it. */
  async shows(wanted: string | RegExp): Promise<string> {
    const isThere = (): boolean => (typeof wanted === "string" ? this.text.includes(wanted) : wanted.test(this.text));
    await this.until(isThere, `the screen shows ${String(wanted)}`);
    return this.text;
  }

  async until(isSo: () => boolean, what: string): Promise<void> {
    const end = Date.now() + PATIENCE_MILLIS;
    while (!isSo()) {
      if (Date.now() > end) throw new Error(`waited in vain until ${what}; the screen is\n${this.text}`);
      await new Promise<void>((resume) => {
        const timer = setTimeout(resume, 200);
        this.changed = () => {
          clearTimeout(timer);
          resume();
        };
      });
    }
  }

  async exits(): Promise<number> {
    await this.until(() => this.exitCode !== null, "the program ends");
    return this.exitCode!;
  }

  kill(signal: string): void {
    this.pty.kill(signal);
  }

  close(): void {
    if (this.exitCode === null) this.pty.kill("SIGKILL");
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Without what would change how the program draws: `CI`, colours, test settings. */
function cleanEnvironment(): Record<string, string> {
  const { CI: _, NO_COLOR: __, FORCE_COLOR: ___, NODE_ENV: ____, VITEST: _____, ...rest } = process.env;
  return Object.fromEntries(
    Object.entries({ ...rest, LANG: "C.UTF-8", TERM: "xterm-256color" }).filter(
      (each): each is [string, string] => each[1] !== undefined,
    ),
  );
}
