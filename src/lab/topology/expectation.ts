/** The small languages of `expect`: a pattern as /re/ or plain text, a drop as CODE at POINT, all of it in one text. */

export const DROPPED = /^([a-zA-Z0-9_.-]+)(?: at ([^:\s]+:[^:\s]+))?$/;
/** `exit: 1` and its kin written as one text. */
export const SHORT_EXPECTATION = /^(exit|stdout|dropped):? +(\S.*)$/;

export function checkExpectation(written: string): boolean | string {
  const [, word, rest = ""] = SHORT_EXPECTATION.exec(written) ?? [];
  if (word === "exit") return /^\d{1,3}$/.test(rest) && Number(rest) <= 255;
  if (word === "stdout") return checkPattern(rest);
  return word === "dropped" && DROPPED.test(rest);
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
