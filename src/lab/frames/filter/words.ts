/**
 * The words of a display filter. Values are words too (`10.0.0.0/24`, `xen1:vif1.0`); one with other characters in it
 * stands in quotes.
 */

export interface Word {
  readonly kind: "word" | "quoted" | "sign" | "end";
  /** Without the quotes. */
  readonly text: string;
  /** From 1. */
  readonly column: number;
}

/** A quoted text, a sign, or a run of anything else. */
const WORD = /"[^"]*"|==|!=|>=|<=|&&|\|\||[()!<>]|[^\s()!<>=&|"]+|\S/g;
const SIGN = /^(==|!=|>=|<=|&&|\|\||[()!<>=&|"])$/;

/** All words, closed by one of kind "end". */
export function split(text: string): Word[] {
  const words = [...text.matchAll(WORD)].map((found): Word => {
    const [raw] = found;
    const column = found.index + 1;
    if (SIGN.test(raw)) return { kind: "sign", text: raw, column };
    if (raw.startsWith('"')) return { kind: "quoted", text: raw.slice(1, -1), column };
    return { kind: "word", text: raw, column };
  });
  return [...words, { kind: "end", text: "", column: text.length + 1 }];
}
