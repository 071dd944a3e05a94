/** What the YAML library says about a text, in our words and at the place where a reader would mend it. */
import { type Document, isCollection, isScalar, type Node, Scalar, visit, type YAMLError } from "yaml";
import { type Diagnostic, type Fault, quoteWord } from "./diagnostic.ts";
import type { Source } from "./source.ts";

const MAX_SYNTAX_ERRORS = 20;

/** The first mistake of each line; the rest of a line is mostly its echo. */
export function explainErrors(source: Source, document: Document): Diagnostic[] {
  const found = new Map<number, Diagnostic>();
  const lines = new Set<number>();
  for (const mistake of [...document.errors, ...document.warnings]) {
    const { line } = source.span(mistake.pos[0], mistake.pos[1]);
    if (lines.has(line)) continue;
    lines.add(line);
    const { fault, from, to } = explain(mistake, source, document);
    const span = source.span(from, to);
    if (!found.has(span.line)) found.set(span.line, { severity: "error", path: "", ...span, ...fault });
    if (found.size >= MAX_SYNTAX_ERRORS) break;
  }
  return [...found.values()];
}

interface Placed {
  readonly fault: Fault;
  readonly from: number;
  readonly to: number;
}

function explain(mistake: YAMLError, source: Source, document: Document): Placed {
  const [from, to] = mistake.pos;
  const plain = (message: string, expected?: string): Placed => ({
    fault: fault(message, expected),
    from,
    to,
  });
  switch (mistake.code) {
    case "TAB_AS_INDENT":
      return plain("this line is indented with a tab", "spaces: YAML takes no tabs here");
    case "NON_STRING_KEY":
      return plain("a list or a mapping cannot be a key", "a name");
    case "TAG_RESOLVE_FAILED":
      return plain(`the tag ${quoteWord(source.text.slice(from, to))} has no meaning here`, "a value without a tag");
    case "BLOCK_AS_IMPLICIT_KEY":
      return isMultiline(document, from)
        ? plain("the line after this value is indented deeper than its key", "the keys of a mapping in one column")
        : plain(
            "a second `key: value` on the line of the first",
            "a new line, quotes around a text with `: ` in it, or { }",
          );
    default:
      return explainOpen(mistake, document) ?? plain(`this is not YAML: ${lowerFirst(mistake.message)}`);
  }
}

const fault = (message: string, expected?: string): Fault =>
  expected === undefined ? { code: "yaml", message } : { code: "yaml", message, expected };

const isMultiline = (document: Document, at: number): boolean =>
  document.errors.some(({ code, pos }) => code === "MULTILINE_IMPLICIT_KEY" && pos[0] === at);

/** Something that was opened and not closed: the library points at the end of the text, we at the beginning. */
function explainOpen(mistake: YAMLError, document: Document): Placed | null {
  const closing =
    /end with a ([\]}])$/.exec(mistake.message)?.[1] ?? (/^Missing closing/.test(mistake.message) ? "quote" : null);
  if (closing === null) return null;
  let start = -1;
  visit(document, {
    Node(_, node) {
      const range = node.range;
      if (
        range &&
        range[0] > start &&
        range[0] <= mistake.pos[0] &&
        mistake.pos[0] <= range[2] &&
        opens(node, closing)
      ) {
        start = range[0];
      }
    },
  });
  if (start < 0) return null;
  const opener = closing === "quote" ? "quote" : closing === "}" ? "`{`" : "`[`";
  const expected = closing === "quote" ? "the same quote at the end of the text" : `\`${closing}\``;
  return {
    fault: fault(`this ${opener} is never closed`, expected),
    from: start,
    to: start + 1,
  };
}

function opens(node: Node, closing: string): boolean {
  if (closing === "quote")
    return isScalar(node) && (node.type === Scalar.QUOTE_DOUBLE || node.type === Scalar.QUOTE_SINGLE);
  return isCollection(node) && node.flow === true;
}

const lowerFirst = (text: string): string => text.charAt(0).toLowerCase() + text.slice(1);
