/**
 * The real terminal, Ink and the app, joined: bytes to keys, slices of the lab, at most 15 paints a second. Ends only by
 * `quit`, a signal or a bug; each leaves the terminal as it was.
 */
import { spawn, spawnSync } from "node:child_process";
import { render } from "ink";
import { App } from "./app.ts";
import { openChooser, openFile } from "./choose-topology.ts";
import { Chrome } from "./chrome/chrome.tsx";
import type { Host } from "./front.ts";
import { ESCAPE_MILLIS, KeyParser } from "./keys/key-parser.ts";
import type { Outside, TerminalOptions } from "./outside.ts";
import { Screen } from "./screen/screen.ts";
import { Terminal } from "./screen/terminal.ts";

/** Milliseconds between two paints: 15 a second while frames move. */
const PAINT_MILLIS = 66;
/** While only the clock moves. */
const IDLE_PAINT_MILLIS = 250;
/** From a key to the paint that shows it. */
const KEY_PAINT_MILLIS = 5;
/** From there to the paint that shows what it led to: a command's answer. */
const ANSWER_PAINT_MILLIS = 15;

export async function openTerminal(outside: Outside, options: TerminalOptions): Promise<number> {
  return await new Running(outside, options).ended;
}

class Running implements Host {
  readonly ended: Promise<number>;
  private finish!: (code: number) => void;
  private readonly terminal: Terminal;
  private readonly screen: Screen;
  private readonly app: App;
  private readonly ink: ReturnType<typeof render>;
  private readonly parser = new KeyParser();
  private escapeTimer: NodeJS.Timeout | null = null;
  private paintTimer: NodeJS.Timeout | null = null;
  private paintDue = 0;
  /** When the lab's next turn comes: a timer, at once, or (null) not before something is typed. */
  private turnTimer: NodeJS.Timeout | "now" | null = null;
  /** Paints to come soon: that of the last key, and that of what it led to. */
  private soonPaints = 0;
  private lastPaint = 0;
  private paintedEvents = -1;
  private closed = false;

  constructor(outside: Outside, options: TerminalOptions) {
    this.ended = new Promise((resolve) => {
      this.finish = resolve;
    });
    const { stdin, stdout } = process;
    this.terminal = new Terminal(stdin, stdout, options.mouse);
    const { columns, rows } = this.terminal;
    this.screen = new Screen(columns, rows, options, (text) => this.terminal.send(text));
    this.app = new App(this, outside, options, columns, rows);
    this.terminal.enter(`xenlab ${options.file ?? ""}`);
    this.ink = render(<Chrome store={this.app} />, {
      stdout: this.screen as unknown as NodeJS.WriteStream,
      stdin,
      debug: true,
      exitOnCtrlC: false,
      patchConsole: false,
    });
    this.listen();
    if (options.file === null) openChooser(this.app);
    else openFile(this.app, options.file, true);
    this.turnNow();
  }

  private listen(): void {
    process.stdin.on("data", this.onInput);
    process.stdout.on("resize", this.onResize);
    process.stdin.on("end", this.hangUp);
    process.stdin.on("error", this.hangUp);
    for (const signal of ["SIGTERM", "SIGHUP", "SIGINT"] as const) process.on(signal, this.onSignal);
    process.on("uncaughtException", this.onCrash);
    process.on("unhandledRejection", this.onCrash);
    this.ink.waitUntilExit().catch(this.onCrash);
  }

  private readonly onInput = (bytes: Buffer): void => {
    if (this.escapeTimer !== null) clearTimeout(this.escapeTimer);
    this.escapeTimer = null;
    for (const event of this.parser.feed(bytes)) this.app.handle(event);
    if (!this.parser.pending || this.closed) return;
    this.escapeTimer = setTimeout(() => {
      for (const event of this.parser.flush()) this.app.handle(event);
    }, ESCAPE_MILLIS);
  };

  private readonly onResize = (): void => {
    const { columns, rows } = this.terminal;
    this.screen.resize(columns, rows);
    this.app.resize(columns, rows);
    this.ink.rerender(<Chrome store={this.app} />);
  };

  private readonly onSignal = (signal: NodeJS.Signals): void => {
    if (signal === "SIGHUP") this.hangUp();
    else this.close(signal === "SIGTERM" ? 143 : 130);
  };

  /**
   * The terminal is gone, whether a signal says so or its input ends. What is not written yet is, then the process ends
   * as one that never heard of the signal: Node's own way out wants the terminal's settings back, and aborts.
   */
  private readonly hangUp = (): void => {
    this.close(129);
    process.kill(process.pid, "SIGHUP");
  };

  /** A bug: the terminal comes back first, then what happened. */
  private readonly onCrash = (error: unknown): void => {
    if ((error as NodeJS.ErrnoException | null)?.code === "EIO") return this.hangUp();
    this.close(70);
    process.stderr.write(`xenlab: a bug ended it: ${error instanceof Error ? error.stack : String(error)}\n`);
  };

  // What the app asks of the real terminal.

  now(): number {
    return performance.now();
  }

  wake(): void {
    this.schedulePaint(KEY_PAINT_MILLIS);
    this.soonPaints = 2;
    this.turnNow();
  }

  quit(): void {
    this.close(0);
  }

  suspend(): void {
    this.terminal.suspend((isBack) => {
      this.comeBack();
      if (!isBack) this.app.say("nobody here could wake xenlab again: it was not suspended", "bad");
    });
  }

  redraw(): void {
    this.screen.forget();
    this.schedulePaint(0);
  }

  setMouse(on: boolean): void {
    this.terminal.setMouse(on);
  }

  copy(text: string): void {
    this.terminal.copy(text);
  }

  /** Wireshark beside the lab; what runs in a terminal takes its place until it ends. */
  openWith(program: string, path: string): void {
    if (program === "wireshark") {
      const beside = spawn(program, [path], { detached: true, stdio: "ignore" });
      beside.on("error", ({ message }) => this.app.say(message, "bad"));
      return beside.unref();
    }
    this.terminal.leave();
    const pager = process.env["PAGER"] ?? "less";
    const command = program === "tshark" ? `tshark -r "$0" -V | ${pager}` : `${program} -r "$0"`;
    const { status } = spawnSync("sh", ["-c", command, path], { stdio: "inherit" });
    if (status !== 0) this.app.say(`${command.replace("$0", path)}: exit code ${status}`, "bad");
    this.comeBack();
  }

  private comeBack(): void {
    this.terminal.enter("xenlab");
    this.screen.forget();
    this.onResize();
  }

  // The lab's turns and the screen's.

  private turn(): void {
    this.turnTimer = null;
    const session = this.app.bench?.session;
    if (this.closed || session === undefined) return;
    const wasBusy = session.isBusy;
    const isMoving = session.rehearsals.isBusy;
    const wait = this.guarded(() => session.turn(() => performance.now()));
    if (this.closed || !wasBusy) return;
    // Also when it has just stopped: the prompt that it waited for is there.
    this.schedulePaint(isMoving ? PAINT_MILLIS : this.paintMillis());
    if (!session.isBusy) return;
    if (wait === 0) this.turnNow();
    else this.turnTimer = setTimeout(() => this.turn(), Math.min(wait, PAINT_MILLIS));
  }

  /** Without a timer's millisecond, but keys that are there come first. */
  private turnNow(): void {
    if (this.turnTimer === "now") return;
    if (this.turnTimer !== null) clearTimeout(this.turnTimer);
    this.turnTimer = "now";
    setImmediate(() => this.turn());
  }

  private paintMillis(): number {
    const bench = this.app.bench!;
    if (this.soonPaints > 0) return ANSWER_PAINT_MILLIS;
    const isStill = bench.session.lab.world.scheduler.executed === this.paintedEvents && !bench.looker.wantsPaint;
    return isStill ? IDLE_PAINT_MILLIS : PAINT_MILLIS;
  }

  /** A paint at the latest so many milliseconds after the last one, and never more than every PAINT_MILLIS of itself. */
  private schedulePaint(after: number): void {
    const due = Math.max(this.lastPaint, performance.now() - PAINT_MILLIS) + after;
    if (this.paintTimer !== null) {
      if (this.paintDue <= due) return;
      clearTimeout(this.paintTimer);
    }
    this.paintDue = due;
    this.paintTimer = setTimeout(() => this.paint(), Math.max(0, due - performance.now()));
  }

  private paint(): void {
    this.paintTimer = null;
    if (this.closed) return;
    this.lastPaint = performance.now();
    this.soonPaints = Math.max(0, this.soonPaints - 1);
    this.paintedEvents = this.app.bench?.session.lab.world.scheduler.executed ?? -1;
    this.guarded(() => this.screen.paint(this.app.paint()));
    if (this.app.bench?.looker.wantsPaint === true) this.schedulePaint(PAINT_MILLIS);
  }

  private guarded<Result>(work: () => Result): Result | 0 {
    try {
      return work();
    } catch (error) {
      this.onCrash(error);
      return 0;
    }
  }

  private close(code: number): void {
    if (this.closed) return;
    this.closed = true;
    if (this.paintTimer !== null) clearTimeout(this.paintTimer);
    if (this.escapeTimer !== null) clearTimeout(this.escapeTimer);
    process.stdin.off("data", this.onInput);
    process.stdout.off("resize", this.onResize);
    try {
      this.app.bench?.session.close();
    } finally {
      this.ink.unmount();
      this.terminal.close();
      for (const signal of ["SIGTERM", "SIGHUP", "SIGINT"] as const) process.off(signal, this.onSignal);
      // What goes wrong from here on ends the process.
      process.off("uncaughtException", this.onCrash);
      process.off("unhandledRejection", this.onCrash);
      this.finish(code);
    }
  }
}
