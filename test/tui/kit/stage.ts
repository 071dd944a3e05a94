/**
 * The terminal without one: the real app, Ink and screen, on a clock of the test's own, painting into an emulator. Virtual
 * time follows that clock, so that every screen is the same on every machine.
 */
import { render } from "ink";
import { createElement } from "react";
import { App } from "../../../src/tui/app.ts";
import { openFile } from "../../../src/tui/choose-topology.ts";
import { Chrome } from "../../../src/tui/chrome/chrome.tsx";
import type { Host } from "../../../src/tui/front.ts";
import { KeyParser } from "../../../src/tui/keys/key-parser.ts";
import type { TerminalOptions } from "../../../src/tui/outside.ts";
import { Screen } from "../../../src/tui/screen/screen.ts";
import { shipped } from "../../kit/lab.ts";
import { Emulator } from "./emulator.ts";
import { TestOutside } from "./outside.ts";

export const OPTIONS: TerminalOptions = {
  file: null,
  scenario: false,
  life: true,
  ascii: false,
  mono: false,
  motion: true,
  mouse: true,
  card: false,
};

/** Milliseconds between two paints. */
const PAINT = 66;

export class Stage implements Host {
  readonly app: App;
  readonly emulator: Emulator;
  readonly outside: TestOutside;
  readonly copied: string[] = [];
  readonly opened: string[] = [];
  hasQuit = false;
  private readonly screen: Screen;
  private readonly ink: ReturnType<typeof render>;
  private readonly parser = new KeyParser();
  private clock = 0;

  private constructor(columns: number, rows: number, options: TerminalOptions) {
    this.emulator = new Emulator(columns, rows);
    this.outside = new TestOutside();
    this.screen = new Screen(columns, rows, options, (text) => void this.emulator.write(text));
    this.app = new App(this, this.outside, options, columns, rows);
    this.ink = render(createElement(Chrome, { store: this.app }), {
      stdout: this.screen as unknown as NodeJS.WriteStream,
      debug: true,
      exitOnCtrlC: false,
      patchConsole: false,
    });
  }

  /** A shipped topology, paused before its set-up. */
  static async open(
    name: string,
    columns: number,
    rows: number,
    options: Partial<TerminalOptions> = {},
  ): Promise<Stage> {
    const stage = new Stage(columns, rows, { ...OPTIONS, ...options });
    openFile(stage.app, shipped(name), true);
    await stage.paint();
    return stage;
  }

  now(): number {
    return this.clock;
  }

  wake(): void {}

  quit(): void {
    this.hasQuit = true;
  }

  suspend(): void {}

  redraw(): void {
    this.screen.forget();
  }

  setMouse(): void {}

  copy(text: string): void {
    this.copied.push(text);
  }

  openWith(program: string, path: string): void {
    this.opened.push(`${program} ${path}`);
  }

  /** Types what a terminal would send, and paints. */
  async type(...texts: readonly string[]): Promise<void> {
    for (const text of texts) {
      for (const event of [...this.parser.feed(Buffer.from(text)), ...this.parser.flush()]) this.app.handle(event);
      await this.pass(0);
    }
  }

  /** Lets real milliseconds pass, paint after paint. */
  async pass(millis: number): Promise<void> {
    const end = this.clock + millis;
    for (;;) {
      this.app.bench?.session.turn(() => this.clock);
      await this.paint();
      if (this.clock >= end) return;
      this.clock = Math.min(end, this.clock + PAINT);
    }
  }

  async resize(columns: number, rows: number): Promise<void> {
    this.emulator.resize(columns, rows);
    this.screen.resize(columns, rows);
    this.app.resize(columns, rows);
    this.ink.rerender(createElement(Chrome, { store: this.app }));
    await this.paint();
  }

  /** React commits in a microtask; what a paint changes in the chrome shows in the next one. */
  private async paint(): Promise<void> {
    for (let i = 0; i < 2; i++) {
      await new Promise((resume) => setImmediate(resume));
      this.screen.paint(this.app.paint());
    }
    await this.emulator.write("");
  }

  get text(): string {
    return this.emulator.text();
  }

  close(): void {
    this.app.bench?.session.close();
    this.ink.unmount();
  }
}

/** What keys send. */
export const Key = {
  up: "\x1b[A",
  down: "\x1b[B",
  right: "\x1b[C",
  left: "\x1b[D",
  enter: "\r",
  esc: "\x1b",
  tab: "\t",
  ctrl: (letter: string): string => String.fromCharCode(letter.charCodeAt(0) & 31),
  alt: (key: string): string => `\x1b${key}`,
  altRight: "\x1b[1;3C",
} as const;
