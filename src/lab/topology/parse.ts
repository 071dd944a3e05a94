/**
 * First stage: text -> raw topology. The raw topology is what the file says, checked for shape, with the place of
 * everything in it. Whatever is wrong is reported at once; the wrong parts are taken out, so that `resolve` can look
 * for more mistakes in the rest without echoing these.
 */
import { type Diagnostic, formatPath, MAX_DIAGNOSTICS, type Path, sortDiagnostics } from "./diagnostic.ts";
import { IssueReader, type Mistake } from "./issues.ts";
import { type TopologyInput, topologySchema } from "./schema.ts";
import type { Source } from "./source.ts";
import { EMPTY_VALUE } from "./values.ts";
import { EXPECTED_TOPOLOGY, readYaml } from "./yaml-text.ts";

export interface RawTopology {
  /** valid by the schema; wrong parts are missing */
  readonly value: TopologyInput;
  readonly source: Source;
  /** false when parts were taken out: then there is no plan */
  readonly complete: boolean;
}

export interface Parsed {
  /** null when the text is not YAML, or nothing of it could be used */
  readonly raw: RawTopology | null;
  readonly diagnostics: readonly Diagnostic[];
}

/** Never throws, whatever the text. */
export function parseTopology(text: string): Parsed {
  const yaml = readYaml(text);
  if (typeof yaml.value !== "object" || yaml.value === null || Array.isArray(yaml.value)) {
    const diagnostics = yaml.value === undefined ? yaml.diagnostics : [...yaml.diagnostics, notMapping(yaml.source)];
    return { raw: null, diagnostics: sortDiagnostics(diagnostics) };
  }
  const tree = unshare(yaml.value) as object;
  keepVersions(tree, yaml.source);
  const { value, diagnostics } = checkShape(tree, yaml.source);
  if (yaml.brokenFrom < Number.POSITIVE_INFINITY) {
    const believed = diagnostics.filter((d) => d.line < yaml.brokenFrom && !saysMissing(d));
    return {
      raw: null,
      diagnostics: sortDiagnostics([...yaml.diagnostics, ...believed]),
    };
  }
  const all = sortDiagnostics([...yaml.diagnostics, ...diagnostics]);
  return {
    raw: value === null ? null : { value, source: yaml.source, complete: all.length === 0 },
    diagnostics: all,
  };
}

/** What stands before the first line that is no YAML can be believed, except that something is not there. */
const saysMissing = (d: Diagnostic): boolean => d.code === "missing-key" || d.message.includes(EMPTY_VALUE);

function notMapping(source: Source): Diagnostic {
  const message = "the file is not a mapping of keys to values";
  return {
    severity: "error",
    ...source.value([]),
    path: "",
    message,
    expected: EXPECTED_TOPOLOGY,
    code: "bad-type",
  };
}

/** Aliases share what they stand for; what is wrong at one place must not vanish at the others unseen. */
function unshare(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(unshare);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, unshare(inner)]));
}

/** `xen: 3.0` is the text 3.0, though YAML reads the number 3. */
function keepVersions(value: object, source: Source): void {
  const hosts: unknown = "hosts" in value ? value.hosts : null;
  if (typeof hosts !== "object" || hosts === null) return;
  for (const [name, host] of Object.entries(hosts)) {
    if (typeof host === "object" && host !== null && typeof host.xen === "number") {
      host.xen = source.literal(["hosts", name, "xen"]) ?? String(host.xen);
    }
  }
}

/** A tree is not deeper than this. */
const MAX_ROUNDS = 16;

/** Taking a part out may leave its owner without a key that it needs; then the owner goes too. */
function checkShape(tree: object, source: Source): { value: TopologyInput | null; diagnostics: Diagnostic[] } {
  let diagnostics: Diagnostic[] = [];
  const reader = new IssueReader(source, tree);
  for (let round = 0; ; round++) {
    const result = topologySchema.safeParse(tree);
    if (result.success) return { value: result.data, diagnostics };
    const mistakes = result.error.issues.slice(0, MAX_DIAGNOSTICS).flatMap((issue) => reader.read(issue));
    diagnostics = [...diagnostics, ...spoken(mistakes)];
    // a file with so many mistakes is noise, and looking at the rest of it would only take time
    const hopeless = mistakes.length === 0 || mistakes.length >= MAX_DIAGNOSTICS || round === MAX_ROUNDS;
    if (hopeless || mistakes.some(({ remove }) => remove.length === 0)) return { value: null, diagnostics };
    const gone = new Map(mistakes.map(({ remove }) => [formatPath(remove), remove]));
    for (const path of [...gone.values()].sort(innermostFirst)) if (!standIn(tree, path)) removeAt(tree, path, source);
  }
}

/** Not what was told before; `<<` and `__proto__` were told by the YAML stage. */
const spoken = (mistakes: readonly Mistake[]): Diagnostic[] =>
  mistakes
    .flatMap(({ diagnostic, echo }) => (echo ? [] : [diagnostic]))
    .filter((d) => !/(^|\.)(<<|__proto__)$/.test(d.path));

/** A list closes up when an item is taken out, so parts go before their owner and the last item before the first. */
function innermostFirst(a: Path, b: Path): number {
  for (let i = 0; i < a.length && i < b.length; i++) {
    if (a[i] !== b[i]) return typeof a[i] === "number" ? Number(b[i]) - Number(a[i]) : a[i]! < b[i]! ? -1 : 1;
  }
  return b.length - a.length;
}

/** Steps and checks keep their other words, which may be wrong too, when only the time or the command is. */
const STAND_INS: Readonly<Record<string, string>> = { at: "0s", run: ":" };

function standIn(tree: object, path: Path): boolean {
  const [list, , key] = path;
  const value = STAND_INS[String(key)];
  const isStep = path.length === 3 && (list === "scenario" || list === "checks");
  if (!isStep || value === undefined || (key === "at" && list === "checks")) return false;
  const owner = ownerOf(tree, path) as Record<string, unknown> | null;
  if (owner === null || owner[String(key)] === value) return false;
  owner[String(key)] = value;
  return true;
}

function ownerOf(tree: object, path: Path): object | null {
  let owner: unknown = tree;
  for (const part of path.slice(0, -1)) owner = (owner as Record<string | number, unknown> | null)?.[part];
  return typeof owner === "object" ? owner : null;
}

function removeAt(tree: object, path: Path, source: Source): void {
  const owner = ownerOf(tree, path);
  if (owner === null) return;
  const last = path.at(-1)!;
  if (!Array.isArray(owner)) {
    delete (owner as Record<string, unknown>)[last];
    return;
  }
  owner.splice(Number(last), 1);
  source.removeItem(path.slice(0, -1), Number(last));
}
