/** From zod's issues to sentences with a place in the file: zod says where in the tree and what kind, we say it in words. */
import type { z } from "zod";
import {
  type Advice,
  adviseWord,
  type Diagnostic,
  formatPath,
  MAX_DIAGNOSTICS,
  type Path,
  quoteWord,
  type Span,
} from "./diagnostic.ts";
import { type SchemaNode, topologyJsonSchema } from "./json-schema.ts";
import { nearestWord } from "./nearest.ts";
import type { Source } from "./source.ts";
import { describeValue, type KindAdvice } from "./values.ts";

type Issue = z.core.$ZodIssue;

/** A mistake, and the part of the tree that has to go so that the rest can be used. */
export interface Mistake {
  readonly diagnostic: Diagnostic;
  readonly remove: Path;
  /** follows from a mistake told before: the key is in the text, its wrong value was taken out */
  readonly echo?: boolean;
}

export class IssueReader {
  private readonly source: Source;
  private readonly root: unknown;
  private schema: SchemaNode | null = null;

  constructor(source: Source, root: unknown) {
    this.source = source;
    this.root = root;
  }

  /** One issue may be several mistakes: zod gives the unknown keys of a mapping together. */
  read(issue: Issue, above: Path = []): Mistake[] {
    const path = [...above, ...(issue.path as (string | number)[])];
    switch (issue.code) {
      case "unrecognized_keys":
        // Each is looked up among the known words: of a file of noise the first ones are enough.
        return issue.keys.slice(0, MAX_DIAGNOSTICS + 1).map((key) => this.unknownKey(path, key));
      case "invalid_union":
        return this.union(issue.errors, path);
      case "invalid_key":
        return issue.issues.slice(0, 1).map((inner) => this.wrongName(inner, path));
      case "custom":
        return [this.wrongValue(issue.message, issue.params as KindAdvice | undefined, path)];
      default:
        return [this.wrongShape(path)];
    }
  }

  private unknownKey(path: Path, key: string): Mistake {
    const known = Object.keys(this.schemaAt(path)?.properties ?? {}).filter((word) => word !== "$schema");
    const where = path.length === 0 ? "" : ` in ${quoteWord(formatPath(path))}`;
    const at = [...path, key];
    const message = `unknown key ${quoteWord(key)}${where}`;
    const advice = adviseWord(key, known);
    const elsewhere = advice.hint === undefined ? placeOf(key, path) : null;
    const hint = elsewhere === null ? {} : { hint: elsewhere };
    return this.mistake(this.source.key(at), at, "unknown-key", message, { ...advice, ...hint });
  }

  private wrongName(issue: Issue, path: Path): Mistake {
    const expected = issue.code === "custom" ? String(issue.params?.["expected"]) : "a name";
    return this.mistake(this.source.key(path), path, "bad-name", issue.message, { expected });
  }

  private wrongValue(message: string, kind: KindAdvice | undefined, path: Path): Mistake {
    if (kind === undefined) return this.wrongShape(path);
    if (kind.missing) return this.missing(path, kind.expected);
    const value = this.valueAt(path);
    const word = typeof value === "string" ? nearestWord(value, kind.words) : null;
    const advice = word === null || word === value ? {} : { hint: `did you mean \`${word}\`?` };
    return this.mistake(this.source.value(path), path, "bad-value", message, {
      expected: kind.expected,
      ...advice,
    });
  }

  private missing(path: Path, expected: string): Mistake {
    const owner = path.slice(0, -1);
    const where = owner.length === 0 ? "the topology" : `\`${formatPath(owner)}\``;
    const message = `${where} has no \`${path.at(-1)}\``;
    const mistake = this.mistake(this.source.value(owner), path, "missing-key", message, { expected }, owner);
    return { ...mistake, echo: this.source.has(path) };
  }

  private wrongShape(path: Path): Mistake {
    const schema = this.schemaAt(path);
    const value = this.valueAt(path);
    const what = path.length === 0 ? "the topology" : `\`${formatPath(path)}\``;
    const message = `${what} is ${describeValue(value)}`;
    return this.mistake(this.source.value(path), path, "bad-type", message, {
      expected: describeShape(schema),
    });
  }

  /** Of a choice between a plain value and a structure, the one that the user has begun to write. */
  private union(errors: readonly Issue[][], path: Path): Mistake[] {
    const [plain = [], structure = []] = errors;
    const value = this.valueAt(path);
    const begun =
      typeof value === "object" &&
      value !== null &&
      structure.every((issue) => issue.path.length > 0 || issue.code === "unrecognized_keys");
    return (begun ? structure : plain).flatMap((issue) => this.read(issue, path));
  }

  private mistake(span: Span, path: Path, code: string, message: string, advice: Advice, remove = path): Mistake {
    return {
      diagnostic: {
        severity: "error",
        ...span,
        path: formatPath(path),
        message,
        ...advice,
        code,
      },
      remove,
    };
  }

  private valueAt(path: Path): unknown {
    let value = this.root;
    for (const part of path) value = (value as Record<string | number, unknown> | null | undefined)?.[part];
    return value;
  }

  private schemaAt(path: Path): SchemaNode | undefined {
    this.schema ??= topologyJsonSchema();
    let node: SchemaNode | undefined = this.schema;
    for (const part of path) node = structureOf(node) && stepInto(structureOf(node)!, part);
    return structureOf(node);
  }
}

/** Of a key that exists, but not here: where it belongs. */
function placeOf(key: string, path: Path): string | null {
  if (key === "services" && path.includes("domains"))
    return "services are for `machines`; a guest starts a server itself: `on-boot: [dnsmasq ...]`";
  if (key === "services" && path[0] === "hosts")
    return "services are for `machines`; a host starts a server in `setup`";
  const isOfGuest = path.includes("domains");
  if (key === "inside" || key === "vif") return `\`${key}\` belongs to a domain: hosts: HOST: domains: GUEST: ${key}`;
  if (key === "setup" && isOfGuest) return "a guest runs its commands when it boots: `on-boot`";
  if (key === "on-boot" && !isOfGuest) return "on a host or a machine these are its `setup`";
  return null;
}

/** Behind `anyOf` (a value or a structure, a mapping or nothing) stands one structure. */
function structureOf(node: SchemaNode | undefined): SchemaNode | undefined {
  return node?.anyOf?.find((option) => option.type === "object" || option.type === "array") ?? node;
}

function stepInto(node: SchemaNode, part: string | number): SchemaNode | undefined {
  if (typeof part === "number") return node.items;
  const rest = typeof node.additionalProperties === "object" ? node.additionalProperties : undefined;
  return node.properties?.[part] ?? rest;
}

function describeShape(schema: SchemaNode | undefined): string {
  if (schema?.type === "array") return "a list: [ ... ], or lines that begin with `- `";
  if (schema?.properties === undefined) return "a mapping of names: { name: ... }, or indented lines `name: ...`";
  const keys = Object.keys(schema.properties).filter((key) => key !== "$schema");
  return `a mapping with ${keys.length > 12 ? `${keys.slice(0, 12).join(", ")}, ...` : keys.join(", ")}`;
}
