/** echo: bash's builtin. */
import type { Command } from "../command.ts";
import { cookEscapes } from "../escapes.ts";

export const echo: Command = {
  name: "echo",
  summary: "Display a line of text.",
  usage: "echo [-neE] [STRING]...",
  options: [
    { flag: "-n", text: "do not output the trailing newline" },
    { flag: "-e", text: "enable interpretation of backslash escapes" },
    { flag: "-E", text: "disable interpretation of backslash escapes" },
  ],
  operands: ["text"],
  builtin: true,
  start(process) {
    const words = process.argv.slice(1);
    let newline = "\n";
    let escapes = false;
    // Anything that is not made of n, e and E only is text, as in bash.
    while (/^-[neE]+$/.test(words[0] ?? "")) {
      for (const letter of words.shift()!.slice(1)) {
        if (letter === "n") newline = "";
        else escapes = letter === "e";
      }
    }
    const text = words.join(" ");
    if (!escapes) process.print(text + newline);
    else {
      const { text: cooked, stopped } = cookEscapes(text, "echo");
      process.print(cooked + (stopped ? "" : newline));
    }
    return 0;
  },
};
