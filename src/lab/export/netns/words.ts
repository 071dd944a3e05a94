/** Words of a shell script, quoted where the shell would read something into them. */
import { leftOut } from "./kill.ts";

const PLAIN = /^[\w@%+=:,./-]+$/;

/** One word, whatever is in it. */
export const quote = (text: string): string => (PLAIN.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`);

/** A line that is words and blanks and nothing else: it needs no shell. An assignment in front does. */
export const isPlain = (line: string): boolean =>
  line !== "" && line.split(" ").every((word) => PLAIN.test(word)) && !/^\w+=/.test(line);

/** `on MACHINE LINE`: run by the machine's shell where it has to be; said and not run where it must not be. */
export function onMachine(machine: string, line: string): string {
  const why = leftOut(line);
  if (why !== null) return `say ${quote(`left out on ${machine}: ${line} (${why})`)}`;
  return isPlain(line) ? `on ${quote(machine)} ${line}` : `on ${quote(machine)} bash -c ${quote(line)}`;
}

/** A text as comment lines, at most about 100 columns wide. */
export function comment(text: string, indent = ""): string[] {
  const lines: string[] = [];
  let line = `${indent}#`;
  for (const word of text.split(/\s+/).filter((each) => each !== "")) {
    if (line.length + word.length > 100 && line !== `${indent}#`) {
      lines.push(line);
      line = `${indent}#`;
    }
    line += ` ${word}`;
  }
  return line === `${indent}#` ? lines : [...lines, line];
}

export const heading = (title: string): string[] => ["", `### ${title}`, `say ${quote(title)}`];
