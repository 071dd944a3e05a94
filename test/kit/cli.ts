/** Runs the command line as a user does, from the sources. */
import { type SpawnSyncReturns, spawnSync } from "node:child_process";
import { resolve } from "node:path";

export const CLI = resolve(import.meta.dirname, "../../src/cli/main.ts");
export const TSX = resolve(import.meta.dirname, "../../node_modules/.bin/tsx");

export function xenlab(
  args: readonly string[],
  options: { readonly cwd?: string; readonly input?: string } = {},
): SpawnSyncReturns<string> {
  const env = { ...process.env, NO_COLOR: "1" };
  return spawnSync(TSX, [CLI, ...args], { encoding: "utf8", env, maxBuffer: 1 << 28, timeout: 60_000, ...options });
}
