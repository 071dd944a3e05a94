/**
 * A file of several tables, one of them wrong: what remains is the same with iptables-nft-restore and with
 * iptables-legacy-restore. A table takes effect with its COMMIT, whole; the wrong one changes nothing, and what comes behind it
 * is not read. "A malformed file changes nothing" holds for the table with the mistake and those after it.
 */
import { spawnSync } from "node:child_process";
import { describe, expect, test } from "vitest";
import { judges } from "../../../kit/fidelity.ts";
import { NetNamespace } from "../../../kit/netns.ts";
import { requireTool } from "../../../kit/tools.ts";
import { typed } from "../../on-machine.ts";
import { withLoopback } from "../twin.ts";
import { canCompare } from "./beside.ts";

judges("iptables");

const BEFORE = [
  "-t mangle -A FORWARD -s 9.9.9.9 -j MARK --set-mark 1",
  "-t filter -A FORWARD -s 9.9.9.9 -j DROP",
  "-t nat -A POSTROUTING -s 9.9.9.9 -j MASQUERADE",
];
const FILTER = ["*filter", ":INPUT ACCEPT [0:0]", "-A INPUT -s 1.1.1.1 -j DROP", "COMMIT"];
const MANGLE = ["*mangle", "-A FORWARD -j MARK --set-mark 7", "COMMIT"];
const nat = (...lines: string[]): string[] => ["*nat", ":POSTROUTING ACCEPT [0:0]", ...lines, "COMMIT"];

const FILES: Readonly<Record<string, readonly string[]>> = {
  "an option that nobody knows, in the middle": [
    ...FILTER,
    ...nat("-A POSTROUTING -j MASQUERADE --nonsense"),
    ...MANGLE,
  ],
  "a jump to a chain that is not there": [...FILTER, ...nat("-A POSTROUTING -s 2.2.2.2 -j nochain"), ...MANGLE],
  "a rule in a chain that is not there": [...FILTER, ...nat("-A NOCHAIN -s 2.2.2.2 -j ACCEPT"), ...MANGLE],
  "a good rule before the wrong one": [...FILTER, ...nat("-A POSTROUTING -j ACCEPT", "garbage"), ...MANGLE],
  "the first table is wrong": [...nat("-A POSTROUTING -p tcp --dport x"), ...FILTER, ...MANGLE],
  "the last table is wrong": [...MANGLE, ...FILTER, ...nat("-A POSTROUTING -p tcp --dport x")],
  "a table that nobody knows, in the middle": [...FILTER, "*nosuch", "COMMIT", ...MANGLE],
  "the last table without COMMIT": [...FILTER, "*nat", "-A POSTROUTING -j ACCEPT"],
  "a table within a table": [...FILTER, "*nat", "-A POSTROUTING -j ACCEPT", ...MANGLE],
};

/** Not every kernel has the old tables still. */
const hasLegacy =
  requireTool("iptables-legacy-restore") && spawnSync("unshare", ["-n", "iptables-legacy", "-S"]).status === 0;

/** Tables in alphabetical order, without dates; what remains, and no word of who says it. */
const remaining = (text: string): string =>
  text
    .split("\n")
    .filter((line) => /^[*:-]/.test(line))
    .join("\n")
    .split(/^(?=\*)/m)
    .map((table) => table.trimEnd())
    .sort()
    .join("\n");

const printf = (lines: readonly string[]): string => `printf '%s\\n' ${lines.map((line) => `'${line}'`).join(" ")}`;
const script = (lines: readonly string[], prefix: string): string[] => [
  ...BEFORE.map((rule) => `${prefix} ${rule}`),
  `${printf(lines)} | ${prefix}-restore`,
  `${prefix}-save`,
];

function inKernel(lines: readonly string[], prefix: string): { failed: boolean; left: string } {
  const real = new NetNamespace();
  try {
    const answers = real.runAll(script(lines, prefix));
    return { failed: answers.at(-2)!.code !== 0, left: remaining(answers.at(-1)!.out) };
  } finally {
    real.remove();
  }
}

function inModel(lines: readonly string[]): { failed: boolean; left: string } {
  const machine = withLoopback();
  const answers = script(lines, "iptables").map((line) => typed(machine, line));
  return { failed: answers.at(-2)!.code !== 0, left: remaining(answers.at(-1)!.out) };
}

describe.skipIf(!canCompare)("iptables-restore of several tables", () => {
  test.each(Object.entries(FILES))("%s", (_, lines) => {
    const ours = inModel(lines);
    expect(ours).toEqual(inKernel(lines, "iptables"));
    if (hasLegacy) expect(ours).toEqual(inKernel(lines, "iptables-legacy"));
  });

  test("the tables before the mistake are there, it and those after it as they were", () => {
    const { failed, left } = inModel(FILES["an option that nobody knows, in the middle"]!);
    expect(failed).toBe(true);
    expect(left).toContain("-A INPUT -s 1.1.1.1/32 -j DROP");
    expect(left).not.toContain("-A FORWARD -s 9.9.9.9/32 -j DROP");
    expect(left).toContain("-A POSTROUTING -s 9.9.9.9/32 -j MASQUERADE");
    expect(left).toContain("-A FORWARD -s 9.9.9.9/32 -j MARK --set-xmark 0x1/0xffffffff");
  });
});
