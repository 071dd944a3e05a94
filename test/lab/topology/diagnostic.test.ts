import { describe, expect, it } from "vitest";
import { type Diagnostic, listWords, renderDiagnostics } from "../../../src/lab/topology/diagnostic.ts";
import { nearestWord } from "../../../src/lab/topology/nearest.ts";
import { loadTopology } from "../../../src/lab/topology/resolve.ts";

const render = (text: string): string => renderDiagnostics("topologies/x.yaml", text, loadTopology(text).diagnostics);

describe("a rendered diagnostic", () => {
  it("shows file, place, sentence, line, underline, what was expected and the nearest word", () => {
    expect(render("mode: bridge\nguests: { web1: 192.168.1.11 }\nnetwork: {}\n")).toBe(
      `topologies/x.yaml:3:1: error: unknown key \`network\`
   3 | network: {}
     | ^^^^^^^
       expected: name, about, seed, epoch, until, mode, guests, host, gateway, outside, networks, hosts, machines, capture, scenario or checks
       did you mean \`networks\`?
`,
    );
  });

  it("comes after a blank line when it is not the first", () => {
    expect(render("guests: { a: 1.2.3, b: 4.5.6 }\n").split("\n\n")).toHaveLength(2);
  });

  it("says warning for a warning, and nothing for nothing", () => {
    expect(render("guests:\n  a: 192.168.1.11\n  b: 192.168.1.11\n")).toMatch(
      /^topologies\/x.yaml:3:6: warning: eth0 of b has/,
    );
    expect(render("guests: { a: 192.168.1.11 }\n")).toBe("");
  });

  it("underlines at the right place behind tabs, and cuts a long line around it", () => {
    expect(render("about: x\t\nmode:\tbrige\nguests: {}\n")).toContain("   2 | mode: brige\n     |       ^^^^^\n");
    const [, line = "", mark = ""] = render(
      `{ mode: bridge, guests: {}, about: "${"x".repeat(5000)}", seed: y }`,
    ).split("\n");
    expect(line.length).toBeLessThan(120);
    expect(line.slice(mark.indexOf("^"), mark.lastIndexOf("^") + 1)).toBe("y");
  });

  it("sends no control characters to the terminal", () => {
    const text = 'about: "\u009b31m"\nseed: "a\u009bb\\e[31m"\nmode: bridge\nguests: {}\nabot: 1';
    const shown = [...render(text)].map((character) => character.charCodeAt(0));
    expect(shown.filter((code) => (code < 32 && code !== 10) || (code >= 127 && code < 160))).toEqual([]);
    expect(renderDiagnostics("x", "a\u001b[31m", [place(1, 1)])).toContain("a\u00b7[31m");
  });

  it("does without a source line that is not there", () => {
    expect(renderDiagnostics("x.yaml", "", [place(1, 1)])).toBe("x.yaml:1:1: error: wrong\n");
  });
});

const place = (line: number, column: number): Diagnostic => ({
  severity: "error",
  line,
  column,
  endColumn: column + 1,
  path: "",
  message: "wrong",
  code: "test",
});

describe("the nearest word", () => {
  it.each([
    ["brigde", "bridge"],
    ["bridges", "bridge"],
    ["HOSTS", "hosts"],
    ["gatway", "gateway"],
    ["ip", "ip"],
    ["zebra", null],
    ["", null],
    ["x".repeat(1000), null],
  ])("to %s is %s", (word, nearest) => {
    expect(nearestWord(word, ["bridge", "hosts", "gateway", "ip"])).toBe(nearest);
  });

  it("is no word where two are as near: that would be a guess", () =>
    expect(nearestWord("web", ["web1", "web2", "www1"])).toBe(null));
  it("is a word that is there twice", () => expect(nearestWord("web", ["web1", "web1"])).toBe("web1"));
});

it("a list of words reads like a sentence", () => {
  expect([[], ["a"], ["a", "b"], ["a", "b", "c"]].map(listWords)).toEqual(["", "a", "a or b", "a, b or c"]);
});
