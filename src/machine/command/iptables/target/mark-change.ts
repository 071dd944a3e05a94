/** The five ways to say how a mark changes, as MARK and CONNMARK read and print them. */
import { type ExtensionOption, option } from "../extension.ts";
import { ALL_BITS, hexText, readInteger, readMark } from "../option-values.ts";

/** new = (old & ~mask) ^ mark */
export interface MarkChange {
  readonly mark: number;
  readonly mask: number;
}

export const changeOptions = (names: readonly string[]): ExtensionOption[] =>
  names.map((name) => option(name, { excludes: names }));

export function readChange(owner: string, name: string, text: string): MarkChange {
  if (name === "set-xmark") return readMark(owner, name, text);
  if (name === "set-mark") {
    const { mark, mask } = readMark(owner, name, text);
    return { mark, mask: (mark | mask) >>> 0 };
  }
  const bits = readInteger(owner, name, text, ALL_BITS);
  if (name === "and-mark") return { mark: 0, mask: ~bits >>> 0 };
  return { mark: bits, mask: name === "or-mark" ? bits : 0 };
}

export function changeText({ mark, mask }: MarkChange): string {
  if (mark === 0) return `and ${hexText(~mask >>> 0)}`;
  if (mark === mask) return `or ${hexText(mark)}`;
  if (mask === 0) return `xor ${hexText(mark)}`;
  return mask === ALL_BITS ? `set ${hexText(mark)}` : `xset ${hexText(mark)}/${hexText(mask)}`;
}
