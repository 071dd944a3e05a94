/**
 * The line that is being printed, and how far the captured bytes reach. Printers of the protocols append to it;
 * one that needs a byte that was not captured says `[|proto]`, after which nothing more is printed (tcpdump's longjmp).
 */
export interface Printout {
  readonly bytes: Uint8Array;
  /** End of what may be read; a printer narrows it to its own payload. */
  end: number;
  readonly link: boolean;
  readonly verbose: boolean;
  /** One line of a list that has columns of its own for the addresses and the protocol's name. */
  readonly summary: boolean;
  text: string;
  over: boolean;
}

export function print(out: Printout, text: string): void {
  if (!out.over) out.text += text;
}

/** What a list shows in a column of its own. */
export function printColumn(out: Printout, text: string): void {
  if (!out.summary) print(out, text);
}

/** Addresses with their ports; a list has only the ports left to say. */
export function ports(out: Printout, [source, destination]: readonly [string, string], from: number, to: number): void {
  print(out, out.summary ? `${from} > ${to}: ` : `${source}.${from} > ${destination}.${to}: `);
}

/** Are `count` bytes from `at` on readable? */
export const has = (out: Printout, at: number, count: number): boolean => at + count <= out.end;

/** The packet ends too early for the named printer; the caller may still have something to say about the rest. */
export const truncated = (out: Printout, protocol: string): void => print(out, ` [|${protocol}]`);

/** The same, and the whole line ends here. */
export function cut(out: Printout, protocol: string): void {
  truncated(out, protocol);
  out.over = true;
}

/** tcpdump's format for data it cannot decode: sixteen bytes a line, as hex pairs and as characters. */
export function dump(out: Printout, from: number, to: number): void {
  if (out.summary) return;
  for (let at = from; at < to; at += 16) {
    const row = out.bytes.subarray(at, Math.min(to, at + 16));
    const hex = Array.from(row, (byte, i) => (i % 2 === 0 ? " " : "") + byte.toString(16).padStart(2, "0")).join("");
    const characters = Array.from(row, (byte) => (byte > 32 && byte < 127 ? String.fromCharCode(byte) : ".")).join("");
    print(out, `\n\t0x${(at - from).toString(16).padStart(4, "0")}: ${hex.padEnd(40)}  ${characters}`);
  }
}
