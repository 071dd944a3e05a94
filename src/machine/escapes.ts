/**
 * Backslash escapes of `echo -e` and `printf`. Octal is \0nnn for echo and \nnn for a printf format.
 */

const SIMPLE: Readonly<Record<string, string>> = {
  a: "\x07",
  b: "\b",
  e: "\x1b",
  E: "\x1b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  v: "\v",
  "\\": "\\",
};

/** `stopped`: \c was met, nothing more is to be printed. */
export function cookEscapes(text: string, style: "echo" | "printf"): { text: string; stopped: boolean } {
  const octal = style === "echo" ? "0([0-7]{0,3})" : "([0-7]{1,3})";
  const pattern = new RegExp(
    `\\\\(?:${octal}|x([0-9a-fA-F]{1,2})|([abeEfnrtv\\\\${style === "printf" ? `"` : ""}])|(c))`,
    "g",
  );
  const cut = style === "echo" ? stopAt(text) : -1;
  const shown = cut < 0 ? text : text.slice(0, cut);
  const cooked = shown.replace(pattern, (whole, oct?: string, hex?: string, simple?: string) => {
    if (oct !== undefined) return String.fromCharCode(Number.parseInt(oct || "0", 8) & 255);
    if (hex !== undefined) return String.fromCharCode(Number.parseInt(hex, 16));
    if (simple !== undefined) return SIMPLE[simple] ?? simple;
    return whole;
  });
  return { text: cooked, stopped: cut >= 0 };
}

/** Place of an unescaped \c; -1 without. */
function stopAt(text: string): number {
  for (let at = text.indexOf("\\"); at >= 0; at = text.indexOf("\\", at + 2)) if (text[at + 1] === "c") return at;
  return -1;
}
