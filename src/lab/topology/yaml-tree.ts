/** Duplicate keys, merge keys, aliases that lead nowhere or into themselves: what YAML allows and a topology does not. */
import { type Document, isAlias, isMap, isScalar, isSeq, type Node } from "yaml";
import { type Diagnostic, type Fault, quoteWord, type Span } from "./diagnostic.ts";
import { keyText, type Source } from "./source.ts";

export const checkTree = (source: Source, document: Document): Diagnostic[] => new TreeCheck(source, document).run();

class TreeCheck {
  private readonly source: Source;
  private readonly document: Document;
  private readonly found: Diagnostic[] = [];
  private readonly anchors = new Set<string>();
  private readonly open: string[] = [];

  constructor(source: Source, document: Document) {
    this.source = source;
    this.document = document;
  }

  run(): Diagnostic[] {
    this.visit(this.document.contents);
    return this.found;
  }

  private visit(node: unknown): void {
    if (isAlias(node)) this.checkAlias(node.source, node);
    const anchor = isMap(node) || isSeq(node) || isScalar(node) ? node.anchor : undefined;
    if (anchor !== undefined) {
      this.anchors.add(anchor);
      this.open.push(anchor);
    }
    if (isSeq(node)) for (const item of node.items) this.visit(item);
    if (isMap(node)) this.checkKeys(node.items);
    if (anchor !== undefined) this.open.pop();
  }

  private checkKeys(pairs: readonly { key: unknown; value: unknown }[]): void {
    const seen = new Map<string, Node>();
    for (const pair of pairs) {
      const name = keyText(pair.key);
      const key = pair.key as Node;
      const first = seen.get(name);
      if (first !== undefined) this.add(key, duplicate(name, this.source.nodeSpan(first)));
      else if (name === "<<") this.add(key, MERGE_KEY);
      else if (name === "__proto__")
        this.add(key, {
          code: "bad-name",
          message: "`__proto__` cannot be a key",
        });
      seen.set(name, first ?? key);
      this.visit(pair.value);
    }
  }

  private checkAlias(name: string, node: Node): void {
    const word = quoteWord(`*${name}`);
    if (this.open.includes(name)) {
      this.add(node, {
        code: "recursive-alias",
        message: `the alias ${word} stands for what it is part of`,
      });
    } else if (!this.anchors.has(name)) {
      const expected = `an anchor &${name} before this line`;
      this.add(node, {
        code: "unknown-alias",
        message: `the alias ${word} stands for nothing`,
        expected,
      });
    }
  }

  private add(node: Node, fault: Fault): void {
    this.found.push({
      severity: "error",
      path: "",
      ...this.source.nodeSpan(node),
      ...fault,
    });
  }
}

const duplicate = (name: string, first: Span): Fault => ({
  code: "duplicate-key",
  message: `the key ${quoteWord(name)} is here a second time: the first is on line ${first.line}`,
});
const MERGE_KEY: Fault = {
  code: "merge-key",
  message: "`<<` (a merge key) is YAML 1.1 and not read here",
  expected: "the keys written out",
};
