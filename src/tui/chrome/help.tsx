/** Help: the live keymap of the view in front and of everywhere, with a search. */
import { Box, Text } from "ink";
import type { ReactNode } from "react";
import type { KeyEvent } from "../keys/key-event.ts";
import { type Binding, keysText } from "../keys/keymap.ts";
import { EMPTY_FIELD, edit, inSight, type TextField } from "../parts/text-field.ts";
import type { Rect } from "../screen/rect.ts";
import { fitLeft } from "../screen/surface.ts";
import type { Dialog } from "./dialog.ts";
import { centred, Frame } from "./frame.tsx";

interface HelpText {
  readonly title: string;
  readonly here: readonly Binding[];
  readonly everywhere: readonly Binding[];
  readonly notes: readonly string[];
  /** Keys in words. */
  readonly ascii: boolean;
}

/** A line: keys and label, or a heading, or a note. */
interface Line {
  readonly keys: string;
  readonly label: string;
  readonly kind: "key" | "heading" | "note";
}

const WIDTH = 76;
const KEY_WIDTH = 16;

/** Beside border and field. */
const rowsIn = (area: Rect): number => area.height - 3;

export class Help implements Dialog {
  private readonly text: HelpText;
  private readonly field: TextField;
  private readonly top: number;

  constructor(text: HelpText, field: TextField = EMPTY_FIELD, top = 0) {
    this.text = text;
    this.field = field;
    this.top = top;
  }

  private get lines(): readonly Line[] {
    const { title, here, everywhere, notes, ascii } = this.text;
    const section = (heading: string, bindings: readonly Binding[]): Line[] => {
      const rows = bindings.map((binding) => ({
        keys: keysText(binding, ascii),
        label: binding.label,
        kind: "key" as const,
      }));
      const found = rows.filter(({ keys, label }) => this.matches(`${keys} ${label}`));
      return found.length === 0 ? [] : [{ keys: "", label: heading, kind: "heading" }, ...found];
    };
    const said = notes.filter((note) => this.matches(note));
    return [
      ...section(title, here),
      ...section("Everywhere", everywhere),
      ...(said.length === 0 ? [] : [{ keys: "", label: "", kind: "note" as const }]),
      ...said.map((label) => ({ keys: "", label, kind: "note" as const })),
    ];
  }

  private matches(text: string): boolean {
    return text.toLowerCase().includes(this.field.text.trim().toLowerCase());
  }

  area(columns: number, rows: number): Rect {
    return centred(columns, rows, WIDTH, this.lines.length + 4);
  }

  key(event: KeyEvent, area: Rect): Dialog | null {
    if (event.kind === "mouse")
      return this.scrolled(event.action === "wheel-up" ? -3 : event.action === "wheel-down" ? 3 : 0, area);
    if (event.kind === "key") {
      if (event.name === "esc" || event.name === "enter" || (event.name === "?" && this.field.text === "")) return null;
      const by = { up: -1, down: 1, pageup: -10, pagedown: 10 }[event.name];
      if (by !== undefined) return this.scrolled(by, area);
    }
    const field = edit(this.field, event);
    return field === null ? this : new Help(this.text, field);
  }

  click(): Dialog {
    return this;
  }

  private scrolled(by: number, area: Rect): Dialog {
    return new Help(this.text, this.field, Math.max(0, Math.min(this.top + by, this.lines.length - rowsIn(area))));
  }

  cursor(area: Rect): { readonly x: number; readonly y: number } {
    return { x: area.x + 4 + inSight(this.field, area.width - 5).x, y: area.y + 1 };
  }

  render(area: Rect): ReactNode {
    const inner = area.width - 2;
    const lines = this.lines;
    const shown = lines.slice(this.top, this.top + rowsIn(area));
    const below = lines.length - this.top - shown.length;
    return (
      <Frame
        area={area}
        title="Help"
        note={below > 0 ? `${below} more below: ↓   esc closes` : "esc closes   type to search"}
      >
        <Text>
          <Text color="cyan">{" › "}</Text>
          {this.field.text === "" ? <Text dimColor>type to search</Text> : inSight(this.field, inner - 3).text}
        </Text>
        <Box flexDirection="column">
          {shown.map((line, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: a row is its place
            <Text key={index}>{row(line, inner)}</Text>
          ))}
          {lines.length === 0 && <Text dimColor> nothing matches</Text>}
        </Box>
      </Frame>
    );
  }
}

function row({ keys, label, kind }: Line, width: number): ReactNode {
  if (kind === "heading") return <Text bold>{` ${fitLeft(label, width - 1)}`}</Text>;
  if (kind === "note") return <Text dimColor>{` ${fitLeft(label, width - 1)}`}</Text>;
  return (
    <>
      <Text color="cyan">{`   ${fitLeft(keys, KEY_WIDTH)}`}</Text>
      {fitLeft(label, width - KEY_WIDTH - 3)}
    </>
  );
}
