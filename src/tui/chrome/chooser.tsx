/** A dialog with a text field and a list that follows what is typed: the palette, the choice of a topology. */
import { Box, Text } from "ink";
import type { ReactNode } from "react";
import type { KeyEvent } from "../keys/key-event.ts";
import { LIST_START, type ListState, move, select } from "../parts/list.ts";
import { EMPTY_FIELD, edit, fieldOf, inSight, type TextField } from "../parts/text-field.ts";
import type { Rect } from "../screen/rect.ts";
import { cellWidth, fitLeft, fitRight } from "../screen/surface.ts";
import type { Dialog } from "./dialog.ts";
import { centred, Frame } from "./frame.tsx";

export interface Choice {
  readonly text: string;
  /** Dim, behind it. */
  readonly detail: string;
  /** At the right end: the key that does the same. */
  readonly key: string;
  /** What tab puts into the field; null: nothing. */
  readonly completes: string | null;
}

export interface ChooserOptions<Item extends Choice> {
  readonly title: string;
  readonly note: string;
  readonly width: number;
  readonly height: number;
  /** What there is to choose for a text in the field, best first. */
  items(query: string): readonly Item[];
  /** Enter on an item, or on a text that no item stands for. */
  chosen(item: Item | null, query: string): void;
}

const PAGE = { up: "up", down: "down", pageup: "page-up", pagedown: "page-down", "ctrl-p": "up", "ctrl-n": "down" };

/** Beside border, field and rule. */
const rowsIn = (area: Rect): number => area.height - 4;

export class Chooser<Item extends Choice> implements Dialog {
  private readonly options: ChooserOptions<Item>;
  private readonly field: TextField;
  private readonly list: ListState;
  private readonly items: readonly Item[];

  constructor(options: ChooserOptions<Item>, field: TextField = EMPTY_FIELD, list: ListState = LIST_START) {
    this.options = options;
    this.field = field;
    this.list = list;
    this.items = options.items(field.text);
  }

  area(columns: number, rows: number): Rect {
    return centred(columns, rows, this.options.width, this.options.height);
  }

  key(event: KeyEvent, area: Rect): Dialog | null {
    const rows = rowsIn(area);
    if (event.kind === "mouse") return this.wheel(event.action, rows);
    if (event.kind === "key") {
      if (event.name === "esc") return null;
      if (event.name === "enter") return this.choose();
      if (event.name === "tab") return this.complete();
      const action = PAGE[event.name as keyof typeof PAGE];
      const moved = action === undefined ? null : move(this.list, action, this.items.length, rows);
      if (moved !== null) return new Chooser(this.options, this.field, moved);
    }
    const field = edit(this.field, event);
    return field === null ? this : new Chooser(this.options, field);
  }

  private wheel(action: string, rows: number): Dialog {
    const by = action === "wheel-up" ? -1 : action === "wheel-down" ? 1 : 0;
    return new Chooser(this.options, this.field, select(this.list, this.list.selected + by, this.items.length, rows));
  }

  private choose(): null {
    this.options.chosen(this.items[this.list.selected] ?? null, this.field.text);
    return null;
  }

  private complete(): Dialog {
    const text = this.items[this.list.selected]?.completes ?? null;
    return text === null ? this : new Chooser(this.options, fieldOf(text));
  }

  click(_x: number, y: number): Dialog | null {
    const index = this.list.top + y - 3;
    if (y < 3 || index >= this.items.length) return this;
    return new Chooser(this.options, this.field, { ...this.list, selected: index }).choose();
  }

  cursor(area: Rect): { readonly x: number; readonly y: number } {
    return { x: area.x + 4 + inSight(this.field, area.width - 5).x, y: area.y + 1 };
  }

  render(area: Rect): ReactNode {
    const inner = area.width - 2;
    const shown = this.items.slice(this.list.top, this.list.top + rowsIn(area));
    return (
      <Frame area={area} title={this.options.title} note={this.options.note}>
        <Text>
          <Text color="cyan">{" › "}</Text>
          {inSight(this.field, inner - 3).text}
        </Text>
        <Text dimColor>{"─".repeat(inner)}</Text>
        <Box flexDirection="column">
          {shown.length === 0 && <Text dimColor> nothing matches</Text>}
          {shown.map((item, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: a row is its place
            <Row key={index} item={item} width={inner} selected={this.list.top + index === this.list.selected} />
          ))}
        </Box>
      </Frame>
    );
  }
}

function Row({
  item,
  width,
  selected,
}: {
  readonly item: Choice;
  readonly width: number;
  readonly selected: boolean;
}): ReactNode {
  const keyWidth = item.key === "" ? 0 : cellWidth(item.key) + 1;
  const head = ` ${item.text} `;
  const room = width - keyWidth - 1;
  const detail = fitLeft(` ${item.detail}`, Math.max(0, room - cellWidth(head)));
  return (
    <Text inverse={selected}>
      {fitLeft(head, Math.min(room, cellWidth(head)))}
      <Text dimColor={!selected}>{detail}</Text>
      <Text color={selected ? "" : "cyan"}>{keyWidth === 0 ? " " : `${fitRight(item.key, keyWidth)} `}</Text>
    </Text>
  );
}
