/**
 * The table that ss prints: every column as wide as its longest cell. Follows render() of misc/ss.c where stdout is no
 * terminal; on one it would spread the columns over the width of the screen.
 */

/** Netid, State, Recv-Q, Send-Q, address, port, peer's address, its port, and whatever else there is to say. */
export type Row = readonly [string, string, string, string, string, string, string, string, string];

interface Column {
  readonly header: string;
  /** Stands before each cell that is not the first of its line. */
  readonly delimiter: string;
  readonly isRight: boolean;
}

const column = (header: string, delimiter = " ", isRight = false): Column => ({ header, delimiter, isRight });

const COLUMNS: readonly Column[] = [
  column("Netid", ""),
  column("State"),
  column("Recv-Q"),
  column("Send-Q"),
  column("Local Address:", " ", true),
  column("Port", ""),
  column("Peer Address:", " ", true),
  column("Port", ""),
  column("Process", ""),
];

const HEADER = COLUMNS.map(({ header }) => header) as unknown as Row;

export interface Shown {
  readonly header: boolean;
  readonly netid: boolean;
  readonly state: boolean;
}

export function tableText(rows: readonly Row[], { header, netid, state }: Shown): string {
  const all = header ? [HEADER, ...rows] : rows;
  const hidden = [...(netid ? [] : [0]), ...(state ? [] : [1])];
  const shown = COLUMNS.map((each, at) => ({ ...each, at })).filter(({ at }) => !hidden.includes(at));
  const widths = shown.map(({ at, delimiter }, i) => {
    const longest = Math.max(0, ...all.map((row) => row[at]!.length));
    return i > 0 && longest > 0 ? longest + delimiter.length : longest;
  });
  const lines = all.map((row) =>
    shown
      .map(({ at, delimiter, isRight }, i) => cell(row[at]!, i === 0 ? "" : delimiter, widths[i]!, isRight))
      .join(""),
  );
  return lines.map((line) => `${line}\n`).join("");
}

const cell = (text: string, delimiter: string, width: number, isRight: boolean): string =>
  delimiter + (isRight ? text.padStart(width - delimiter.length) : text.padEnd(width - delimiter.length));
