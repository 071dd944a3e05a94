/** Check results as JUnit XML, which CI systems read. */
import type { CheckResult } from "../lab/index.ts";

export function junit(name: string, results: readonly CheckResult[]): string {
  const failures = results.filter((result) => !result.ok).length;
  const cases = results.map((result) => testCase(name, result)).join("");
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuite name="${escape(name)}" tests="${results.length}" failures="${failures}">\n${cases}</testsuite>\n`;
}

function testCase(suite: string, result: CheckResult): string {
  const seconds = ((result.endedAt - result.startedAt) / 1e9).toFixed(6);
  const head = `  <testcase classname="${escape(suite)}.${escape(result.machine)}" name="${escape(result.name)}" time="${seconds}"`;
  if (result.ok) return `${head}/>\n`;
  const message = `expected ${result.expected}, got: ${result.got}`;
  return `${head}>\n    <failure message="${escape(message)}">${escape(`${result.line}\n${result.output}`)}</failure>\n  </testcase>\n`;
}

/** XML 1.0 has no place for control characters. */
function escape(text: string): string {
  return text
    .replaceAll(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, "\ufffd")
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}
