/** Words that many printed options share. */
import type { NameTest, Wanted } from "../../../stack/netfilter/rule.ts";

export const not = (inverted: boolean): string => (inverted ? "! " : "");

export const nameText = (option: string, test: NameTest | null): string =>
  test === null ? "" : `${not(test.inverted)}${option} ${test.name}`;

export const wantedText = (option: string, wanted: Wanted): string =>
  wanted === null ? "" : `${not(wanted === "no")}${option}`;

/** xtables_save_string */
export const quoted = (text: string): string =>
  /^[-\w]+$/.test(text) ? text : `"${text.replace(/["\\']/g, (letter) => `\\${letter}`)}"`;
