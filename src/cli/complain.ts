/** How a mistake is told: a sentence on stderr, and with `--json` also what a program can read, in the place of the result. */
import type { CliError } from "./cli-error.ts";

export function complain(error: CliError, words: readonly string[]): void {
  const { message, exitCode, details } = error;
  process.stderr.write(`xenlab: ${message}\n`);
  if (!wantsJson(words)) return;
  process.stdout.write(`${JSON.stringify({ ...details, error: { message, exitCode } }, null, 2)}\n`);
}

/** What stands behind `--` is for a machine of the lab. */
function wantsJson(words: readonly string[]): boolean {
  const end = words.indexOf("--");
  return words.slice(0, end === -1 ? words.length : end).includes("--json");
}
