/** A frame's decoded fields as lines, indented by depth: for the text views. */
import { dissect, type Field } from "../packet/dissect.ts";

export function dissectLines(bytes: Uint8Array): string[] {
  return dissect(bytes, 0, bytes.length).flatMap((layer) => [
    layer.title,
    ...layer.fields.flatMap((field) => fieldLines(field, 1)),
  ]);
}

function fieldLines(field: Field, depth: number): string[] {
  const line = `${"  ".repeat(depth)}${field.label}: ${field.text}`;
  return [line, ...(field.fields ?? []).flatMap((inner) => fieldLines(inner, depth + 1))];
}
