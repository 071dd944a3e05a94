// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the braces are the shell's
import { execFileSync } from "node:child_process";
import fc from "fast-check";
import { expect, test } from "vitest";
import { substitute } from "../../../src/machine/setup/substitute.ts";

const values = new Map([
  ["dev", "vif12.3"],
  ["empty", ""],
]);
const expand = (text: string): string => substitute(text, { get: (name) => values.get(name) ?? "" });

test("plain, in braces, cut at the start and at the end", () => {
  expect(expand("a $dev-emu ${dev}x $empty|$nobody")).toBe("a vif12.3-emu vif12.3x |");
  expect(expand("/local/domain/${dev#vif}")).toBe("/local/domain/12.3");
  expect(expand("${dev%.*} ${dev#*.} ${dev#x} ${dev%x}")).toBe("vif12 3 vif12.3 vif12.3");
});

test("cuts as bash does", () => {
  const value = fc.stringMatching(/^[a-c.]{0,6}$/);
  const pattern = fc.stringMatching(/^[a-c.*]{0,4}$/);
  const samples = fc.sample(fc.tuple(value, pattern, fc.constantFrom("#", "%")), { numRuns: 150, seed: 5 });
  const script = samples.map(([v, p, o]) => `v='${v}'; echo "\${v${o}${p}}"`).join("\n");
  const bash = execFileSync("bash", ["-c", script], { encoding: "utf8" }).split("\n");
  const ours = samples.map(([v, p, o]) => substitute(`\${v${o}${p}}`, { get: () => v }));
  expect(ours).toEqual(bash.slice(0, samples.length));
});
