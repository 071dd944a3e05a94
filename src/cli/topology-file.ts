/** Reads a topology for a command: warnings go to stderr, mistakes end the command with exit code 2. */
import { readFileSync, statSync } from "node:fs";
import { dirname, resolve } from "node:path";
import type { Diagnostic, Plan, Telling } from "../lab/index.ts";
import { CliError } from "./cli-error.ts";

/** What `-` stands for, where a topology is read. */
const STANDARD_INPUT = "/dev/stdin";
const READERS = ["run", "check", "lint", "plan", "steps", "export", "twin", "explain"];
const WRITERS = ["--junit", "--out", "-o"];

/** yargs makes an empty word of a `-` that is an argument. What follows the name of an option for a file is written. */
export const withStandardInput = (words: readonly string[]): string[] =>
  READERS.includes(words[0] ?? "")
    ? words.map((word, i) => (word === "-" && !WRITERS.includes(words[i - 1]!) ? STANDARD_INPUT : word))
    : [...words];

/** Larger files are refused by the parser anyway; they need not be read whole. */
const READ_LIMIT = 16 * 1024 * 1024;

export function readText(file: string): string {
  if (file === "") throw new CliError("the name of a file is missing: the word in its place is empty");
  try {
    if (file === STANDARD_INPUT) return readFileSync(0, "utf8");
    if (statSync(file).size > READ_LIMIT)
      throw new CliError(`${file}: larger than 16 MiB; a topology is a page or two of YAML`);
    return readFileSync(file, "utf8");
  } catch (error) {
    throw error instanceof CliError ? error : new CliError(`${file}: ${reason(error)}`);
  }
}

/** Reads what a topology names, relative to where the topology lies, and knows what that was. */
export class Beside {
  readonly files: Record<string, string> = {};
  private readonly topology: string;

  constructor(topology: string) {
    this.topology = topology;
  }

  /** Null for what cannot be read. */
  readonly read = (name: string): string | null => {
    try {
      const folder = this.topology === STANDARD_INPUT ? "." : dirname(this.topology);
      const text = readFileSync(resolve(folder, name), "utf8");
      this.files[name] = text;
      return text;
    } catch {
      return null;
    }
  };
}

function reason(error: unknown): string {
  const code = (error as NodeJS.ErrnoException).code;
  if (code === "ENOENT") return "no such file. Shipped ones are in topologies/; make one with: xenlab init bridge";
  if (code === "EISDIR") return "is a directory, not a topology file";
  if (code === "EACCES") return "may not be read (permission denied)";
  return (error as Error).message;
}

export function checkSeed(seed: number | undefined): void {
  if (seed !== undefined && !(Number.isSafeInteger(seed) && seed >= 0))
    throw new CliError(`--seed: expected a whole number from 0 to ${Number.MAX_SAFE_INTEGER}`);
}

/** A topology without mistakes, and all that it was read from. */
export interface ReadTopology {
  readonly file: string;
  readonly text: string;
  readonly plan: Plan;
  /** The files that it names, by those names. */
  readonly files: Readonly<Record<string, string>>;
}

export async function readPlan(file: string, seed?: number, telling?: Telling): Promise<Plan> {
  return (await readTopologyFile(file, seed, telling)).plan;
}

export async function readTopologyFile(file: string, seed?: number, telling?: Telling): Promise<ReadTopology> {
  checkSeed(seed);
  const { isJournalText, readTopology, renderDiagnostics } = await import("../lab/index.ts");
  const text = readText(file);
  if (isJournalText(text))
    throw new CliError(`${file}: a journal and no topology; xenlab replay plays it, xenlab open does in a terminal`);
  const beside = new Beside(file);
  const { plan, diagnostics } = readTopology(text, {
    ...(seed === undefined ? {} : { seed }),
    ...(telling === undefined ? {} : { telling }),
    readFile: beside.read,
  });
  if (diagnostics.length > 0) process.stderr.write(renderDiagnostics(file, text, diagnostics));
  if (plan === null) throw new CliError(`${file}: ${count(diagnostics)}`, 2, { file, diagnostics });
  return { file, text, plan, files: beside.files };
}

/** Machines outside, hosts, guests. */
export const machineNames = (plan: Plan): string[] =>
  [...plan.machines, ...plan.hosts, ...plan.hosts.flatMap(({ domains }) => domains)].map(({ name }) => name);

export function count(diagnostics: readonly Diagnostic[]): string {
  const errors = diagnostics.filter((each) => each.severity === "error").length;
  const warnings = diagnostics.length - errors;
  const words = [errors > 0 ? plural(errors, "error") : "", warnings > 0 ? plural(warnings, "warning") : ""];
  return words.filter((word) => word !== "").join(", ") || "no mistakes";
}

export const plural = (n: number, word: string): string => `${n} ${word}${n === 1 ? "" : "s"}`;
