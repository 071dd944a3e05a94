/** A terminal that keeps what it was sent: xterm's own parser, without a window. */
import xterm from "@xterm/headless";
import stringWidth from "string-width";

/** A cell as it is drawn; colours by their number among the 16, null for the terminal's own. */
export interface Look {
  readonly text: string;
  readonly foreground: number | null;
  readonly background: number | null;
  readonly bold: boolean;
  readonly dim: boolean;
  readonly inverse: boolean;
  readonly underlined: boolean;
}

/** What a cell may look like, in one letter each, for golden screens. */
const LEGEND =
  "letters: b bold  d dim  u underlined  i inverse  # on colour  r g y b m c w colour, capital when bold too  . plain";

export class Emulator {
  private readonly terminal: InstanceType<typeof xterm.Terminal>;
  /** Everything that was sent. */
  raw = "";
  private unread = 0;

  constructor(columns: number, rows: number) {
    this.terminal = new xterm.Terminal({ cols: columns, rows, allowProposedApi: true, scrollback: 1000 });
    this.terminal.unicode.register(TODAY);
    this.terminal.unicode.activeVersion = TODAY.version;
  }

  write(text: string): Promise<void> {
    this.raw += text;
    this.unread++;
    return new Promise((done) =>
      this.terminal.write(text, () => {
        this.unread--;
        done();
      }),
    );
  }

  /** It shows all that was sent: xterm reads in pieces, with pauses where the machine is busy. */
  get hasReadAll(): boolean {
    return this.unread === 0;
  }

  resize(columns: number, rows: number): void {
    this.terminal.resize(columns, rows);
  }

  get columns(): number {
    return this.terminal.cols;
  }

  get rows(): number {
    return this.terminal.rows;
  }

  /** The cursor blinks; terminals show it until they are told not to. */
  get isCursorShown(): boolean {
    return this.raw.lastIndexOf("\x1b[?25h") >= this.raw.lastIndexOf("\x1b[?25l");
  }

  /** The alternate screen is in front. */
  get isAlternate(): boolean {
    return this.terminal.buffer.active.type === "alternate";
  }

  get cursor(): { readonly x: number; readonly y: number } {
    const { cursorX, cursorY } = this.terminal.buffer.active;
    return { x: cursorX, y: cursorY };
  }

  /** One cell, for a picture; null for the right half of a wide character. */
  cell(x: number, y: number): Look | null {
    const { active } = this.terminal.buffer;
    const cell = active.getLine(active.viewportY + y)!.getCell(x)!;
    if (cell.getWidth() === 0) return null;
    return {
      text: cell.getChars() || " ",
      foreground: cell.isFgDefault() ? null : cell.getFgColor(),
      background: cell.isBgDefault() ? null : cell.getBgColor(),
      bold: cell.isBold() !== 0,
      dim: cell.isDim() !== 0,
      inverse: cell.isInverse() !== 0,
      underlined: cell.isUnderline() !== 0,
    };
  }

  /** A line per row, blanks at its end left out. */
  lines(): string[] {
    const { active } = this.terminal.buffer;
    return Array.from({ length: this.terminal.rows }, (_, y) =>
      (active.getLine(active.viewportY + y)?.translateToString(true) ?? "").trimEnd(),
    );
  }

  text(): string {
    return this.lines().join("\n");
  }

  /** One letter per cell: how it looks. */
  looks(): string[] {
    const { active } = this.terminal.buffer;
    return Array.from({ length: this.terminal.rows }, (_, y) => {
      const line = active.getLine(active.viewportY + y)!;
      return Array.from({ length: this.terminal.cols }, (__, x) => letter(line.getCell(x)!))
        .join("")
        .replace(/\.+$/, "");
    });
  }

  /** Text and looks, for a file that a reviewer reads. */
  golden(): string {
    return `${this.text()}\n\n${LEGEND}\n\n${this.looks().join("\n")}\n`;
  }
}

/** Widths as terminals of today have them: xterm's own are those of 2006, with narrow emoji. */
const TODAY = {
  version: "today",
  wcwidth: (code: number): 0 | 1 | 2 => Math.min(2, stringWidth(String.fromCodePoint(code))) as 0 | 1 | 2,
  /** As xterm packs them: width from bit 1, and whether it joins what is before it. */
  charProperties: (code: number, before: number): number => {
    const width = TODAY.wcwidth(code);
    const widthBefore = (before >> 1) & 3;
    const joins = width === 0 && widthBefore > 0;
    return ((joins ? widthBefore : width) << 1) | (joins ? 1 : 0);
  },
};

type Cell = NonNullable<
  ReturnType<NonNullable<ReturnType<InstanceType<typeof xterm.Terminal>["buffer"]["active"]["getLine"]>>["getCell"]>
>;

const COLOURS = "krgybmcw";

function letter(cell: Cell): string {
  if (!cell.isBgDefault()) return "#";
  if (cell.isInverse()) return "i";
  if (!cell.isFgDefault()) {
    const colour = COLOURS[cell.getFgColor() % 8]!;
    return cell.isBold() ? colour.toUpperCase() : colour;
  }
  return cell.isBold() ? "b" : cell.isDim() ? "d" : cell.isUnderline() ? "u" : ".";
}
