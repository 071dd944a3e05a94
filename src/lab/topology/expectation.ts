/** The small languages of `expect`: a pattern as /re/ or plain text, a drop as CODE at POINT, all of it in one text. */

import { FATE_NAMES } from "../fates.ts";
import { nearestWord } from "./nearest.ts";

export const DROPPED = /^([a-zA-Z0-9_.-]+)(?: at ([^:\s]+:[^:\s]+))?$/;
/** `exit: 1` and its kin written as one text. */
export const SHORT_EXPECTATION = /^(exit|stdout|dropped):? +(\S.*)$/;

export function checkExpectation(written: string): boolean | string {
  const [, word, rest = ""] = SHORT_EXPECTATION.exec(written) ?? [];
  if (word === "exit") return /^\d{1,3}$/.test(rest) && Number(rest) <= 255;
  if (word === "stdout") return checkPattern(rest);
  return word === "dropped" && checkDropped(rest);
}

/** "CODE at POINT" with a fate that exists; the answer is a sentence when it does not. */
export function checkDropped(written: string): boolean | string {
  const code = DROPPED.exec(written)?.[1];
  if (code === undefined) return false;
  if (FATE_NAMES.includes(code)) return true;
  const near = nearestWord(code, FATE_NAMES);
  return `no fate is called \`${code}\`${near === null ? "" : `; did you mean \`${near}\`?`} (all of them: xenlab explain)`;
}

/** "/re/flags" as pattern and flags; any other text is looked for as it is. */
export function readPattern(written: string): {
  pattern: string;
  flags: string;
} {
  const match = /^\/(.+)\/([a-z]*)$/s.exec(written);
  if (match === null)
    return {
      pattern: written.replaceAll(/[\\^$.*+?()[\]{}|/]/g, "\\$&"),
      flags: "",
    };
  return { pattern: match[1]!, flags: match[2]! };
}

export function checkPattern(written: string): boolean | string {
  const { pattern, flags } = readPattern(written);
  if (written === "" || !/^[imsu]*$/.test(flags)) return false;
  try {
    new RegExp(pattern, flags);
    return true;
  } catch (problem) {
    return problem instanceof SyntaxError
      ? `the pattern cannot be read: ${problem.message.replace(/^.*\/[a-z]*: /s, "")}`
      : false;
  }
}
