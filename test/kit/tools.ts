/** Real tools that some tests compare with. Without them the tests are skipped, unless XENLAB_REQUIRE_TOOLS=1. */
import { execFileSync, spawnSync } from "node:child_process";

/** Is the tool installed? Throws where the environment demands it (CI), so that a skip cannot hide there. */
export function requireTool(name: string): boolean {
  const found = spawnSync("sh", ["-c", 'command -v "$1"', "sh", name]).status === 0;
  if (!found && process.env["XENLAB_REQUIRE_TOOLS"] === "1") throw new Error(`${name} is needed and not installed`);
  return found;
}

/** What the tool prints on stdout, in the C locale; throws when it fails. */
export const output = (name: string, args: readonly string[]): string =>
  execFileSync(name, args, {
    encoding: "utf8",
    maxBuffer: 1 << 28,
    env: { ...process.env, LC_ALL: "C", TZ: "UTC" },
    stdio: ["ignore", "pipe", "ignore"],
  });
