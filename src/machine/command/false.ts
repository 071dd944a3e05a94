/** false(1). */
import type { Command } from "../command.ts";

export const falseCommand: Command = {
  name: "false",
  summary: "Do nothing, unsuccessfully.",
  usage: "false",
  builtin: true,
  start: () => 1,
};
