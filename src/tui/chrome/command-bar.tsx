/** The command line over any view: one machine's prompt at the foot of the screen, and what it said last above it. */
import { Text } from "ink";
import type { ReactNode } from "react";
import type { KeyEvent } from "../keys/key-event.ts";
import { type CommandLine, EMPTY_LINE, type LineContext, lineKey } from "../parts/command-line.ts";
import { inSight } from "../parts/text-field.ts";
import { type Rect, rect } from "../screen/rect.ts";
import { cellWidth, fitLeft } from "../screen/surface.ts";
import type { Dialog } from "./dialog.ts";
import { Frame } from "./frame.tsx";

export interface CommandBarOptions extends LineContext {
  readonly machine: string;
  /** The last lines of its screen. */
  tail(rows: number): readonly string[];
  /** Grows with every line of it. */
  version(): number;
  /** A command runs there: what is typed is its input. */
  busy(): boolean;
  /** Enter. */
  entered(text: string): void;
  /** ^C: for what runs there. */
  interrupt(): void;
}

/** Rows of output. */
const TAIL = 8;

export class CommandBar implements Dialog {
  private readonly options: CommandBarOptions;
  private readonly line: CommandLine;

  constructor(options: CommandBarOptions, line: CommandLine = EMPTY_LINE) {
    this.options = options;
    this.line = line;
  }

  area(columns: number, rows: number): Rect {
    const height = TAIL + 4;
    return rect(0, rows - 1 - height, columns, height);
  }

  private get prompt(): string {
    if (this.line.search !== null) return `(reverse search) ${this.line.search}: `;
    return this.options.busy() ? `${this.options.machine} is busy, ^C ends it: ` : `${this.options.machine}# `;
  }

  /** Beside prompt and border. */
  private shown(area: Rect): ReturnType<typeof inSight> {
    return inSight(this.line.field, Math.max(1, area.width - 3 - cellWidth(this.prompt)));
  }

  key(event: KeyEvent): Dialog | null {
    const answer = lineKey(this.line, event, this.options);
    if (answer.kind === "changed") return new CommandBar(this.options, answer.line);
    if (answer.kind === "entered") {
      this.options.entered(answer.text);
      return new CommandBar(this.options);
    }
    if (event.kind !== "key") return this;
    if (event.name === "esc") return null;
    if (event.name === "ctrl-c") {
      if (!this.options.busy() && this.line.field.text === "") return this;
      this.options.interrupt();
      return new CommandBar(this.options);
    }
    return this;
  }

  click(): Dialog {
    return this;
  }

  get takesInterrupt(): boolean {
    return this.line.field.text !== "" || this.options.busy();
  }

  version(): number {
    return this.options.version();
  }

  cursor(area: Rect): { readonly x: number; readonly y: number } {
    return { x: area.x + 2 + cellWidth(this.prompt) + this.shown(area).x, y: area.y + area.height - 3 };
  }

  render(area: Rect): ReactNode {
    const inner = area.width - 2;
    const lines = this.options.tail(TAIL);
    const { candidates } = this.line;
    return (
      <Frame area={area} title={this.options.machine} note="↵ run   tab complete   ^R search   esc closes">
        {Array.from({ length: TAIL }, (_, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a row is its place
          <Text key={index}>{fitLeft(` ${lines[index - TAIL + lines.length] ?? ""}`, inner)}</Text>
        ))}
        <Text>
          <Text color="cyan" bold>{` ${this.prompt}`}</Text>
          {this.shown(area).text}
        </Text>
        <Text dimColor>{fitLeft(` ${candidates.join("  ")}`, inner)}</Text>
      </Frame>
    );
  }
}
