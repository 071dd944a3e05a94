/** What a shell line is made of once it has been read: words of parts, operators, and what may be wrong with it. */

/** `${name:-word}` and its kin; # and % cut a pattern off. */
export const SIGNS = [":-", ":+", ":=", ":?", "-", "+", "=", "?", "##", "#", "%%", "%"] as const;

export interface Operation {
  readonly sign: (typeof SIGNS)[number];
  readonly word: Word;
}

/** A command substitution: $( ) or between backticks. */
export interface CommandPart {
  readonly kind: "command";
  readonly source: string;
  readonly quoted: boolean;
}

export type Part =
  | { readonly kind: "text"; readonly text: string; readonly quoted: boolean }
  | {
      readonly kind: "variable";
      readonly name: string;
      /** ${#name} */
      readonly isLength: boolean;
      readonly operation: Operation | null;
      readonly quoted: boolean;
    }
  | CommandPart
  /** $(( )) */
  | { readonly kind: "arithmetic"; readonly expression: Word; readonly quoted: boolean };

export type Word = readonly Part[];

export const OPERATORS = ["&&", "||", ";;", "&>", ">>", ">&", "<<-", "<<", ";", "&", "|", "<", ">", "(", ")"] as const;
export type Operator = (typeof OPERATORS)[number];

/** What stands between the line after `<<WORD` and the line WORD; known when that has been read. */
export interface HereDocument {
  body: Word;
}

interface Place {
  /** First character in the source, and one behind the last. */
  readonly from: number;
  readonly to: number;
  /** From 1. */
  readonly line: number;
}

export type Token = Place &
  (
    | { readonly kind: "word"; readonly parts: Word }
    | {
        readonly kind: "operator";
        readonly text: Operator;
        /** The digits right before a redirection; null without. */
        readonly fd: number | null;
        /** Of << and <<-. */
        readonly document: HereDocument | null;
      }
    | { readonly kind: "newline" }
    | { readonly kind: "end" }
  );

/** What is wrong with a line; `incomplete` when more lines could mend it. `status` is the exit code bash gives. */
export interface ShellError {
  readonly message: string;
  readonly line: number;
  readonly incomplete: boolean;
  readonly status: number;
}

/** The text of a word without quotes, variables and the like: only such are reserved. Null for any other. */
export function plainText(parts: Word): string | null {
  const [part] = parts;
  return parts.length === 1 && part!.kind === "text" && !part!.quoted ? part!.text : null;
}

/** Neighbouring texts of one kind become one. */
export function merged(parts: readonly Part[]): Part[] {
  const result: Part[] = [];
  for (const part of parts) {
    const last = result.at(-1);
    if (part.kind === "text" && last?.kind === "text" && last.quoted === part.quoted) {
      result[result.length - 1] = { kind: "text", text: last.text + part.text, quoted: part.quoted };
    } else result.push(part);
  }
  return result;
}

/** A word in quotes that any shell reads back as the same text. */
export const quote = (text: string): string =>
  /^[A-Za-z0-9_./:=@%+,-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
