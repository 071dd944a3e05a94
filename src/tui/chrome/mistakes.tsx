/** A file with mistakes, shown in place: every one with its line, until the file is saved without them. */
import { Text } from "ink";
import type { ReactNode } from "react";
import { renderDiagnostics } from "../../lab/index.ts";
import type { KeyEvent } from "../keys/key-event.ts";
import type { TopologyFile } from "../outside.ts";
import type { Rect } from "../screen/rect.ts";
import { fitLeft } from "../screen/surface.ts";
import type { Dialog } from "./dialog.ts";
import { centred, Frame } from "./frame.tsx";

export class Mistakes implements Dialog {
  private readonly file: TopologyFile;
  private readonly closed: () => void;
  private readonly top: number;

  /** `closed`: the user looks elsewhere. */
  constructor(file: TopologyFile, closed: () => void, top = 0) {
    this.file = file;
    this.closed = closed;
    this.top = top;
  }

  area(columns: number, rows: number): Rect {
    return centred(columns, rows, Math.min(110, columns - 4), this.rows.length + 2);
  }

  private get rows(): readonly string[] {
    return renderDiagnostics(this.name, this.file.text, this.file.diagnostics).trimEnd().split("\n");
  }

  /** Without its folders: what is wrong must have room. */
  private get name(): string {
    return this.file.path.split("/").at(-1)!;
  }

  key(event: KeyEvent, area: Rect): Dialog | null {
    const name = event.kind === "key" ? event.name : event.kind === "mouse" ? event.action : "";
    if (name === "esc" || name === "q") {
      this.closed();
      return null;
    }
    const by = { down: 1, j: 1, up: -1, k: -1, pagedown: 10, pageup: -10, "wheel-down": 3, "wheel-up": -3 }[name] ?? 0;
    const top = Math.max(0, Math.min(this.top + by, this.rows.length - (area.height - 2)));
    return new Mistakes(this.file, this.closed, top);
  }

  click(): Dialog {
    return this;
  }

  render(area: Rect): ReactNode {
    const inner = area.width - 2;
    return (
      <Frame area={area} title={this.name} note="mend and save the file: it is read again   esc closes">
        {this.rows.slice(this.top, this.top + area.height - 2).map((row, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a row is its place
          <Text key={index} {...lookOf(row)}>
            {fitLeft(` ${row}`, inner)}
          </Text>
        ))}
      </Frame>
    );
  }
}

/** Rows with a bar quote the file; one with a caret points into it; the others are what is said. */
function lookOf(row: string): { readonly color?: string; readonly bold?: boolean; readonly dimColor?: boolean } {
  if (/^\s*\|\s*\^/.test(row)) return { color: "red", bold: true };
  if (/^\s*\d*\s*\|/.test(row)) return { dimColor: true };
  return /\b(error|warning): /.test(row) ? { bold: true } : { color: "cyan" };
}
