/**
 * The XML that libvirt's files are written in: elements, attributes, text, comments, the five entities and character
 * references. Mistakes carry libxml2's sentences (parser.c of libxml2 2.9) with line and column.
 *
 * Not modelled: DOCTYPE and entities of one's own, CDATA, namespaces (a colon is a letter of a name), encodings.
 */

export interface XmlAttribute {
  readonly name: string;
  readonly value: string;
  readonly line: number;
  readonly column: number;
}

export interface XmlElement {
  readonly name: string;
  readonly attributes: readonly XmlAttribute[];
  readonly children: readonly XmlElement[];
  /** All its own text in one piece. */
  readonly text: string;
  readonly line: number;
  readonly column: number;
}

/** The text is not XML: what libxml2 says, and where it stood. */
export interface XmlMistake {
  readonly line: number;
  readonly column: number;
  readonly message: string;
}

export type XmlResult =
  | { readonly root: XmlElement; readonly mistake: null }
  | { readonly root: null; readonly mistake: XmlMistake };

export function parseXml(text: string): XmlResult {
  const parser = new XmlParser(text);
  const root = parser.document();
  return root === null ? { root: null, mistake: parser.mistake! } : { root, mistake: null };
}

/** The value of an attribute; null when it is not there. */
export const attribute = (element: XmlElement, name: string): string | null =>
  element.attributes.find((each) => each.name === name)?.value ?? null;

const NAME = /[A-Za-z_:][\w:.-]*/y;
const BLANK = /[ \t\r\n]*/y;
const ENTITIES: Readonly<Record<string, string>> = { lt: "<", gt: ">", amp: "&", quot: '"', apos: "'" };
/** More than any description of a network needs; beyond it the stack would run out first. */
const DEEPEST = 64;

class XmlParser {
  private readonly text: string;
  private at = 0;
  private depth = 0;
  mistake: XmlMistake | null = null;

  constructor(text: string) {
    this.text = text;
  }

  document(): XmlElement | null {
    if (this.text === "") return this.fail("Document is empty");
    if (this.text.startsWith("\uFEFF")) this.at = 1;
    if (!this.misc()) return null;
    if (!this.sees("<")) return this.fail("Start tag expected, '<' not found");
    const root = this.element();
    if (root === null || !this.misc()) return null;
    return this.at === this.text.length ? root : this.fail("Extra content at the end of the document");
  }

  /** Blanks, comments and processing instructions; false after a mistake. */
  private misc(): boolean {
    for (;;) {
      this.take(BLANK);
      if (this.sees("<!--") || this.sees("<?")) {
        if (!this.skip()) return false;
      } else if (this.sees("<!DOCTYPE")) return this.fail("DOCTYPE is not modelled") !== null;
      else return true;
    }
  }

  /** Over a comment or an instruction. */
  private skip(): boolean {
    const isComment = this.sees("<!--");
    const end = this.text.indexOf(isComment ? "-->" : "?>", this.at + 2);
    if (end < 0) return this.fail(isComment ? "Comment not terminated" : "PI not terminated") !== null;
    this.at = end + (isComment ? 3 : 2);
    return true;
  }

  private element(): XmlElement | null {
    const start = this.place(this.at);
    if (++this.depth > DEEPEST) return this.fail("Excessive depth in document");
    this.at++;
    const name = this.take(NAME);
    if (name === "") return this.fail("StartTag: invalid element name");
    const attributes = this.attributes();
    if (attributes === null) return null;
    if (this.sees("/>")) {
      this.at += 2;
      this.depth--;
      return { name, attributes, children: [], text: "", ...start };
    }
    if (!this.sees(">")) return this.fail(`Couldn't find end of Start Tag ${name} line ${start.line}`);
    this.at++;
    const content = this.content(name, start.line);
    this.depth--;
    return content === null ? null : { name, attributes, ...content, ...start };
  }

  private attributes(): XmlAttribute[] | null {
    const found: XmlAttribute[] = [];
    for (;;) {
      const blanks = this.take(BLANK);
      if (this.at >= this.text.length || this.sees(">") || this.sees("/>")) return found;
      const start = this.place(this.at);
      if (found.length > 0 && blanks === "") return this.fail("attributes construct error");
      const name = this.take(NAME);
      if (name === "") return this.fail("error parsing attribute name");
      this.take(BLANK);
      if (!this.sees("=")) return this.fail(`Specification mandates value for attribute ${name}`);
      this.at++;
      this.take(BLANK);
      const value = this.quoted();
      if (value === null) return null;
      if (found.some((each) => each.name === name)) return this.fail(`Attribute ${name} redefined`);
      found.push({ name, value, ...start });
    }
  }

  private quoted(): string | null {
    const quote = this.text.charAt(this.at);
    if (quote !== "'" && quote !== '"') return this.fail("AttValue: \" or ' expected");
    this.at++;
    let value = "";
    while (this.at < this.text.length) {
      const letter = this.text.charAt(this.at);
      if (letter === quote) {
        this.at++;
        return value;
      }
      if (letter === "<") return this.fail("Unescaped '<' not allowed in attributes values");
      const piece = letter === "&" ? this.entity() : this.letter(/\s/.test(letter) ? " " : letter);
      if (piece === null) return null;
      value += piece;
    }
    return this.fail("AttValue: ' expected");
  }

  /** What stands between a start tag and its end tag, which it takes along. */
  private content(name: string, line: number): { children: XmlElement[]; text: string } | null {
    const children: XmlElement[] = [];
    let text = "";
    while (this.at < this.text.length) {
      if (this.sees("</")) return this.endTag(name, line) ? { children, text } : null;
      const piece = this.piece();
      if (piece === null) return null;
      if (typeof piece === "string") text += piece;
      else children.push(piece);
    }
    return this.fail(`Premature end of data in tag ${name} line ${line}`);
  }

  /** An element or some text; of a comment none. */
  private piece(): XmlElement | string | null {
    if (this.sees("<!--") || this.sees("<?")) return this.skip() ? "" : null;
    if (this.sees("<![CDATA[")) return this.fail("CDATA is not modelled");
    if (this.sees("<")) return this.element();
    return this.sees("&") ? this.entity() : this.letter(this.text.charAt(this.at));
  }

  private endTag(name: string, line: number): boolean {
    this.at += 2;
    const found = this.take(NAME);
    this.take(BLANK);
    if (this.sees(">")) this.at++;
    else return this.fail("expected '>'") !== null;
    return found === name || this.fail(`Opening and ending tag mismatch: ${name} line ${line} and ${found}`) !== null;
  }

  private entity(): string | null {
    this.at++;
    const number = /#(?:x([0-9a-fA-F]+)|([0-9]+));/y;
    const found = this.match(number);
    if (found !== null) return this.character(Number.parseInt(found[1] ?? found[2]!, found[1] === undefined ? 10 : 16));
    const name = this.take(NAME);
    if (name === "") return this.fail("xmlParseEntityRef: no name");
    if (!this.sees(";")) return this.fail("EntityRef: expecting ';'");
    this.at++;
    return ENTITIES[name] ?? this.fail(`Entity '${name}' not defined`);
  }

  private character(code: number): string | null {
    if (code < 0x20 && ![9, 10, 13].includes(code)) return this.fail(`xmlParseCharRef: invalid xmlChar value ${code}`);
    return code > 0x10_ffff ? this.fail(`xmlParseCharRef: invalid xmlChar value ${code}`) : String.fromCodePoint(code);
  }

  private letter(letter: string): string {
    this.at++;
    return letter;
  }

  private sees(word: string): boolean {
    return this.text.startsWith(word, this.at);
  }

  private take(pattern: RegExp): string {
    return this.match(pattern)?.[0] ?? "";
  }

  private match(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text);
    if (found !== null) this.at += found[0].length;
    return found;
  }

  private place(at: number): { line: number; column: number } {
    const before = this.text.slice(0, at);
    return { line: before.split("\n").length, column: at - before.lastIndexOf("\n") };
  }

  private fail(message: string): null {
    this.mistake ??= { ...this.place(this.at), message };
    return null;
  }
}
