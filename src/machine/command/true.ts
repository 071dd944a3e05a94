/** true(1). */
import type { Command } from "../command.ts";

export const trueCommand: Command = {
  name: "true",
  summary: "Do nothing, successfully.",
  usage: "true",
  builtin: true,
  start: () => 0,
};
