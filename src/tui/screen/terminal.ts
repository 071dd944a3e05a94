/**
 * The real terminal: alternate screen, raw input, mouse, bracketed paste, and the way back. Whatever ends the program,
 * the `exit` handler restores what was there before.
 *
 * CSI 3J (which wipes the user's scrollback) is never sent.
 */
import { writeSync } from "node:fs";
import type { ReadStream, WriteStream } from "node:tty";

/** Alternate screen, autowrap off, bracketed paste. */
const ENTER = "\x1b[?1049h\x1b[?7l\x1b[?2004h\x1b[2J";
const LEAVE = "\x1b[?2004l\x1b[?7h\x1b[0m\x1b[?25h\x1b[?1049l";
/** Clicks and the wheel, with coordinates beyond 223 (SGR, mode 1006). Movement is not asked for. */
const MOUSE_ON = "\x1b[?1000h\x1b[?1006h";
const MOUSE_OFF = "\x1b[?1006l\x1b[?1000l";
/** A stop takes effect at once; so long after it an unstopped program goes on. */
const STOP_MILLIS = 200;
/** A title on the terminal's own stack, so that the user's comes back. */
const TITLE_PUSH = "\x1b[22;0t";
const TITLE_POP = "\x1b[23;0t";

export class Terminal {
  private readonly stdin: ReadStream;
  private readonly stdout: WriteStream;
  private entered = false;
  private mouse: boolean;
  private readonly onExit = (): void => this.leave();

  constructor(stdin: ReadStream, stdout: WriteStream, mouse: boolean) {
    this.stdin = stdin;
    this.stdout = stdout;
    this.mouse = mouse;
    process.on("exit", this.onExit);
  }

  get columns(): number {
    return this.stdout.columns || 80;
  }

  get rows(): number {
    return this.stdout.rows || 24;
  }

  send(text: string): void {
    if (this.entered) this.stdout.write(text);
  }

  enter(title: string): void {
    if (this.entered) return;
    this.entered = true;
    this.stdin.setRawMode(true);
    this.stdin.resume();
    this.stdout.write(`${TITLE_PUSH}\x1b]2;${title}\x1b\\${ENTER}${this.mouse ? MOUSE_ON : ""}`);
  }

  /** Synchronous: it must also work while the process dies. */
  leave(): void {
    if (!this.entered) return;
    this.entered = false;
    try {
      this.stdin.setRawMode(false);
      writeAll(`${MOUSE_OFF}${LEAVE}${TITLE_POP}`);
    } catch {
      // The terminal is gone (SIGHUP): there is nothing left to restore.
    }
    this.stdin.pause();
  }

  setMouse(on: boolean): void {
    this.mouse = on;
    this.send(on ? MOUSE_ON : MOUSE_OFF);
  }

  /** Into the clipboard of the terminal, also through SSH (OSC 52). */
  copy(text: string): void {
    this.send(`\x1b]52;c;${Buffer.from(text).toString("base64")}\x07`);
  }

  /**
   * Stops the job as ^Z does elsewhere; runs on when the shell says `fg`. Where nobody could say so (the program is its own
   * session's first) the kernel ignores the stop: then it is back at once, with false.
   */
  suspend(resumed: (isBack: boolean) => void): void {
    this.leave();
    let isOver = false;
    const back = (isBack: boolean): void => {
      if (isOver) return;
      isOver = true;
      resumed(isBack);
    };
    process.once("SIGCONT", () => back(true));
    // The whole group: under `npm start` the shell waits for npm.
    process.kill(0, "SIGTSTP");
    // A stopped process comes here only after it was woken, when SIGCONT has been first.
    setTimeout(() => back(false), STOP_MILLIS);
  }

  close(): void {
    this.leave();
    process.off("exit", this.onExit);
  }
}

/** A terminal in non-blocking mode may take less than it is given, or nothing for a moment. */
function writeAll(text: string): void {
  const bytes = Buffer.from(text);
  for (let at = 0, tries = 0; at < bytes.length && tries < 1000; tries++) {
    try {
      at += writeSync(1, bytes, at);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EAGAIN") throw error;
    }
  }
}
