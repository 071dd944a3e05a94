/**
 * The door of the terminal. What must stand before Ink and React are loaded stands here: React's production build (the
 * other one leaks), and colours as Ink should write them, whatever the environment says. Whether colours are shown is
 * for the screen to decide.
 */
import type { Outside, TerminalOptions } from "./outside.ts";

export type { Outside, Recorded, ShippedTopology, Sink, TerminalOptions, TopologyFile } from "./outside.ts";

/** Runs until the user leaves; the exit code. */
export async function main(outside: Outside, options: TerminalOptions): Promise<number> {
  process.env["NODE_ENV"] = "production";
  process.env["FORCE_COLOR"] = "1";
  delete process.env["NO_COLOR"];
  const { openTerminal } = await import("./terminal.tsx");
  return await openTerminal(outside, options);
}
