/**
 * The terminal without one: the real app, Ink and screen, on a clock of the test's own, painting into an emulator. Virtual
 * time follows that clock, so that every screen is the same on every machine.
 */
import { render } from "ink";
import { createElement } from "react";
import { App } from "../../../src/tui/app.ts";
import { openChooser, openFile } from "../../../src/tui/choose-topology.ts";
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
  redraws = 0;
  suspended = 0;
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
    await stage.pass(0);
    return stage;
  }

  /** Nothing open: the dialog that chooses a topology. */
  static async choosing(columns: number, rows: number, options: Partial<TerminalOptions> = {}): Promise<Stage> {
    const stage = new Stage(columns, rows, { ...OPTIONS, ...options });
    openChooser(stage.app);
    await stage.pass(0);
    return stage;
  }

  now(): number {
    return this.clock;
  }

  wake(): void {}

  quit(): void {
    this.hasQuit = true;
  }

  suspend(): void {
    this.suspended++;
  }

  redraw(): void {
    this.redraws++;
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
      await this.go(0);
    }
    await this.shown();
  }

  /** Press and release at a cell. */
  async click(x: number, y: number): Promise<void> {
    await this.type(`\x1b[<0;${x + 1};${y + 1}M`, `\x1b[<0;${x + 1};${y + 1}m`);
  }

  /** Clicks at the first letter of a text on the screen. */
  async clickOn(text: string): Promise<void> {
    const { x, y } = this.find(text);
    await this.click(x, y);
  }

  /** Clicks at a hint in the footer. */
  async clickHint(text: string): Promise<void> {
    const x = this.footer.indexOf(text);
    if (x < 0) throw new Error(`no hint ${text} in ${this.footer}`);
    await this.click(x, this.emulator.rows - 1);
  }

  async wheel(x: number, y: number, by: 1 | -1): Promise<void> {
    await this.type(`\x1b[<${by > 0 ? 65 : 64};${x + 1};${y + 1}M`);
  }

  /** Where a text stands; it must. */
  find(text: string): { readonly x: number; readonly y: number } {
    const lines = this.emulator.lines();
    const y = lines.findIndex((line) => line.includes(text));
    if (y < 0) throw new Error(`${JSON.stringify(text)} is not on the screen:\n${this.text}`);
    return { x: lines[y]!.indexOf(text), y };
  }

  /** What stands in the upper edge of the dialog in front; empty without one. */
  get dialog(): string {
    const area = this.app.getChrome().dialog?.area;
    if (area === undefined) return "";
    const edge = this.emulator.lines()[area.y]!.slice(area.x);
    return /^╭─ (.*?) ─/.exec(edge)?.[1] ?? edge;
  }

  /** The last row: hints or a message. */
  get footer(): string {
    return this.emulator.lines().at(-1)!;
  }

  /** Lets real milliseconds pass, paint after paint. */
  async pass(millis: number): Promise<void> {
    await this.go(millis);
    await this.shown();
  }

  /** Runs the lab for so long and pauses it again; only the end is painted, which takes a tenth of the time. */
  async run(millis: number): Promise<void> {
    const { session } = this.app.bench!;
    session.toggle(this.clock);
    for (const end = this.clock + millis; this.clock < end; ) {
      this.clock = Math.min(end, this.clock + PAINT);
      session.turn(() => this.clock);
    }
    session.toggle(this.clock);
    await this.pass(0);
  }

  private async go(millis: number): Promise<void> {
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
    await this.pass(0);
  }

  /** React commits in a microtask; what a paint changes in the chrome shows in the next one. */
  private async paint(): Promise<void> {
    for (let i = 0; i < 2; i++) {
      await new Promise((resume) => setImmediate(resume));
      this.screen.paint(this.app.paint());
    }
  }

  /** The emulator takes its time: once is enough for many paints. */
  private async shown(): Promise<void> {
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
