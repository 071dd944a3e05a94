/** A page of text in front of the views that any key closes: the first-start card, a question before leaving. */
import { Text } from "ink";
import type { ReactNode } from "react";
import type { KeyEvent } from "../keys/key-event.ts";
import type { Rect } from "../screen/rect.ts";
import type { Dialog } from "./dialog.ts";
import { centred, Frame } from "./frame.tsx";

export interface CardLine {
  /** In front, in the accent colour. */
  readonly key: string;
  readonly text: string;
}

interface CardOptions {
  readonly title: string;
  readonly note: string;
  readonly lines: readonly CardLine[];
  /** A key that closes it; what it does besides. */
  pressed(key: string): void;
}

const WIDTH = 70;
const KEY_WIDTH = 10;

export class Card implements Dialog {
  private readonly options: CardOptions;

  constructor(options: CardOptions) {
    this.options = options;
  }

  area(columns: number, rows: number): Rect {
    return centred(columns, rows, WIDTH, this.options.lines.length + 3);
  }

  key(event: KeyEvent): Dialog | null {
    if (event.kind === "mouse") return this;
    if (event.kind === "key") this.options.pressed(event.name);
    return null;
  }

  click(): null {
    return null;
  }

  render(area: Rect): ReactNode {
    return (
      <Frame area={area} title={this.options.title} note={this.options.note}>
        <Text> </Text>
        {this.options.lines.map(({ key, text }) => (
          <Text key={key + text} wrap="truncate-end">
            <Text color="cyan">{key === "" ? "  " : `  ${key.padEnd(KEY_WIDTH)}`}</Text>
            {text}
          </Text>
        ))}
      </Frame>
    );
  }
}
