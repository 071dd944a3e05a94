/**
 * From text to a YAML 1.2 document, with a sentence for everything that stops it from being one. Bounded: size and
 * depth are looked at before anything recursive touches the text.
 * Not read: YAML 1.1 (merge keys `<<`, yes/no), custom tags, more than one document.
 */
import { Composer, type Document, isScalar, Lexer, Parser } from "yaml";
import type { Diagnostic, Fault, Span } from "./diagnostic.ts";
import { Source } from "./source.ts";
import { explainErrors } from "./yaml-errors.ts";
import { checkTree } from "./yaml-tree.ts";

/** Ten thousand guests, each written out, take 1.3 MiB and 40,000 lines. What a YAML reader takes seconds for is no topology. */
const MAX_CHARACTERS = 2 * 1024 * 1024;
const MAX_LINES = 50_000;
const MAX_DEPTH = 40;
const MAX_SYNTAX_ERRORS = 20;

export interface YamlText {
  readonly source: Source;
  /** the tree as plain data; undefined when the text has none that can be trusted */
  readonly value: unknown;
  readonly diagnostics: readonly Diagnostic[];
  /** the first line that is not YAML; nothing from there on can be trusted */
  readonly brokenFrom: number;
}

/** Never throws. */
export function readYaml(input: string): YamlText {
  const text = input.replace(/^\ufeff/, "");
  const unreadable = checkSize(text) ?? checkCharacters(text);
  if (unreadable !== null) return refuse(unreadable);
  const source = new Source(text);
  const documents = compose(text);
  if (typeof documents === "number") {
    return refuse({ ...source.span(documents, documents + 1), ...error, ...TOO_DEEP }, source);
  }
  const [document, second] = documents;
  const mistakes = checkStream(source, document, second);
  if (document === undefined) return refuse(mistakes[0]!, source);
  source.attach(document);
  return toData(source, document, [...mistakes, ...checkTree(source, document)]);
}

const error = { severity: "error", path: "" } as const;

function refuse(diagnostic: Diagnostic, source = new Source("")): YamlText {
  return { source, value: undefined, diagnostics: [diagnostic], brokenFrom: 0 };
}

const TOO_DEEP: Fault = {
  code: "too-deep",
  message: `this is nested more than ${MAX_DEPTH} levels deep`,
  expected: "a topology: its deepest value is 8 levels down",
};

function checkSize(text: string): Diagnostic | null {
  if (text.length > MAX_CHARACTERS) {
    const size = (text.length / (1024 * 1024)).toFixed(1);
    return tooLong(`the file is ${size} MiB long: a topology may have 2 MiB`);
  }
  let lines = 0;
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) lines++;
  return lines <= MAX_LINES ? null : tooLong(`the file has ${lines} lines: a topology may have ${MAX_LINES}`);
}

const tooLong = (message: string): Diagnostic => ({
  ...error,
  ...new Source("").span(0, 1),
  code: "too-long",
  message,
});

/** YAML's printable characters (5.1), asked first so that a capture or an archive gets one sentence, not thousands. */
function checkCharacters(text: string): Diagnostic | null {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
  const at = text.search(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f\ufffd]/);
  if (at < 0) return null;
  const span = new Source(text).span(at, at + 1);
  const code = text.charCodeAt(at);
  if (looksLikeUtf16(text)) {
    return {
      ...error,
      ...span,
      code: "encoding",
      message: "the file is UTF-16",
      expected: "text in UTF-8",
    };
  }
  if (code === 0xfffd) {
    return {
      ...error,
      ...span,
      code: "encoding",
      message: "these bytes are not UTF-8",
      expected: "text in UTF-8",
    };
  }
  const name = code === 0 ? "a NUL byte" : `a control character (0x${code.toString(16).padStart(2, "0")})`;
  const message = `the file holds ${name}: it is not text`;
  return {
    ...error,
    ...span,
    code: "binary",
    message,
    expected: "a YAML file in UTF-8",
  };
}

/** Every second byte of the first few is zero, behind a byte order mark that is no UTF-8. */
function looksLikeUtf16(text: string): boolean {
  const head = text.replace(/^\ufffd{1,2}/, "").slice(0, 4);
  const zeros = [...head].map((character) => character === "\0");
  return zeros.length === 4 && zeros[0] !== zeros[1] && zeros[0] === zeros[2] && zeros[1] === zeros[3];
}

/** The documents, or the offset where the text is nested too deep: the composer is recursive and must not see that. */
function compose(text: string): Document[] | number {
  const parser = new Parser();
  const tokens = [];
  let faults = 0;
  for (const lexeme of new Lexer().lex(text)) {
    for (const token of parser.next(lexeme)) {
      tokens.push(token);
      if (token.type === "error") faults++;
    }
    if (parser.stack.length > MAX_DEPTH) return parser.offset;
    if (faults > MAX_SYNTAX_ERRORS) break;
  }
  for (const token of parser.end()) tokens.push(token);
  const options = {
    stringKeys: true,
    uniqueKeys: false,
    resolveKnownTags: false,
    logLevel: "silent",
  } as const;
  const documents: Document[] = [];
  for (const document of new Composer(options).compose(tokens, true, text.length)) {
    documents.push(document as Document);
    if (documents.length === 2) break;
  }
  return documents;
}

/** Mistakes of the file as a whole, and what the YAML library says: the first of each line, the rest is echo. */
function checkStream(source: Source, document: Document | undefined, second: Document | undefined): Diagnostic[] {
  const found = document === undefined ? [] : explainErrors(source, document);
  if (second !== undefined && found.length === 0) found.push({ ...error, ...secondSpan(source, second), ...SECOND });
  if (found.length > 0) return found;
  if (document === undefined || document.contents === null || isEmptyScalar(document.contents)) {
    const message = describeEmpty(source.text);
    return [
      {
        ...error,
        ...source.span(0, 1),
        code: "empty",
        message,
        expected: EXPECTED_TOPOLOGY,
      },
    ];
  }
  if (document.directives?.yaml.version === "1.1") {
    const at = Math.max(0, source.text.indexOf("%YAML"));
    return [{ ...error, ...source.span(at, at + 9), ...OLD_YAML }];
  }
  return [];
}

function describeEmpty(text: string): string {
  if (text.trim() === "") return "the file is empty";
  const onlyComments = text.split("\n").every((line) => /^\s*(#|$)/.test(line));
  return onlyComments ? "the file holds nothing but comments" : "the document is empty";
}

export const EXPECTED_TOPOLOGY = "a topology: `mode: bridge` with `guests`, or `hosts` and `machines`";
const SECOND: Fault = {
  code: "two-documents",
  message: "a second YAML document starts here",
  expected: "one topology in a file",
};
const OLD_YAML: Fault = {
  code: "yaml-version",
  message: "this file says that it is YAML 1.1",
  expected: "YAML 1.2: leave the %YAML line out",
};

function secondSpan(source: Source, second: Document): Span {
  const start = second.range?.[0] ?? 0;
  const marker = source.text.lastIndexOf("---", start);
  return marker < 0 ? source.span(start, start + 1) : source.span(marker, marker + 3);
}

const isEmptyScalar = (node: unknown): boolean => isScalar(node) && node.value === null && !node.source;

/** After these there is no tree to go on with. */
const UNREADABLE: ReadonlySet<string> = new Set(["empty", "recursive-alias", "unknown-alias"]);

function toData(source: Source, document: Document, mistakes: readonly Diagnostic[]): YamlText {
  const fatal = mistakes.filter((d) => d.code !== "duplicate-key" && d.code !== "merge-key");
  const brokenFrom = fatal.reduce((first, d) => Math.min(first, d.line), Number.POSITIVE_INFINITY);
  try {
    const value = mistakes.some((d) => UNREADABLE.has(d.code)) ? undefined : document.toJS({ maxAliasCount: 100 });
    return { source, value, diagnostics: mistakes, brokenFrom };
  } catch (problem) {
    if (!(problem instanceof ReferenceError)) throw problem;
    const bomb = {
      code: "alias-bomb",
      message: "the aliases of this file multiply into too many values",
    };
    const span = source.nodeSpan(document.contents);
    return {
      source,
      value: undefined,
      diagnostics: [...mistakes, { ...error, ...span, ...bomb }],
      brokenFrom: 0,
    };
  }
}
