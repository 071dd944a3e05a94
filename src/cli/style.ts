/** Colours of the user's own theme, when the stream is a terminal and NO_COLOR does not say otherwise. */
import { styleText } from "node:util";

type Style = "red" | "green" | "yellow" | "cyan" | "dim" | "bold";

/** NO_COLOR counts when it is set and not empty (no-color.org); FORCE_COLOR overrules a pipe. */
function coloured(stream: NodeJS.WriteStream): boolean {
  if ((process.env["NO_COLOR"] ?? "") !== "") return false;
  return (process.env["FORCE_COLOR"] ?? "") !== "" || stream.isTTY === true;
}

const onStdout = coloured(process.stdout);

export const paint = (style: Style, text: string): string =>
  onStdout ? styleText(style, text, { validateStream: false }) : text;
