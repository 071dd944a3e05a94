/** The desk at which a topology is resolved: its tree, its places, and the pile of what was found wrong. */
import { type Advice, type Diagnostic, formatPath, type Path, type Span } from "./diagnostic.ts";
import type { RawTopology } from "./parse.ts";
import type { Source } from "./source.ts";

export class Desk {
  readonly source: Source;
  readonly diagnostics: Diagnostic[] = [];

  constructor(raw: RawTopology) {
    this.source = raw.source;
  }

  get failed(): boolean {
    return this.diagnostics.some((d) => d.severity === "error");
  }

  /** About the value at a path. */
  error(path: Path, code: string, message: string, advice: Advice = {}): void {
    this.add("error", this.source.value(path), path, code, message, advice);
  }

  warn(path: Path, code: string, message: string, advice: Advice = {}): void {
    this.add("warning", this.source.value(path), path, code, message, advice);
  }

  /** About the key that ends a path. */
  errorAtKey(path: Path, code: string, message: string, advice: Advice = {}): void {
    this.add("error", this.source.key(path), path, code, message, advice);
  }

  add(severity: "error" | "warning", span: Span, path: Path, code: string, message: string, advice: Advice): void {
    this.diagnostics.push({
      severity,
      ...span,
      path: formatPath(path),
      message,
      ...advice,
      code,
    });
  }
}
