/** JSON as iproute2 writes it: on one line, or with -p in its own style of indentation. Follows lib/json_writer.c. */

/** A number with two places: timers. */
export class Hundredths {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

export type Json = string | number | boolean | null | Hundredths | readonly Json[] | { readonly [key: string]: Json };

/** With the newline at the end. */
export const jsonText = (value: Json, pretty: boolean): string => `${pretty ? indented(value, 1) : compact(value)}\n`;

function compact(value: Json): string {
  if (value instanceof Hundredths) return value.text;
  if (Array.isArray(value)) return `[${value.map(compact).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  return `{${Object.entries(value)
    .map(([key, each]) => `${JSON.stringify(key)}:${compact(each)}`)
    .join(",")}}`;
}

function indented(value: Json, depth: number): string {
  if (value instanceof Hundredths) return value.text;
  if (Array.isArray(value))
    return value.length === 0 ? "[ ]" : `[ ${value.map((each) => indented(each, depth + 1)).join(",")} ]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const entries = Object.entries(value);
  if (entries.length === 0) return "{}";
  const pad = "    ".repeat(depth);
  const lines = entries.map(([key, each]) => `${pad}${JSON.stringify(key)}: ${indented(each, depth + 1)}`);
  return `{\n${lines.join(",\n")}\n${"    ".repeat(depth - 1)}}`;
}
