/** xl's configuration syntax; the sentences are those of Xen 4.17's own parser, given the same text. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseXlConfig } from "../../src/machine/xl-config.ts";
import { fixture } from "./xen-dom0.ts";

const parse = (text: string) => parseXlConfig(text, "g.cfg");
const errors = (text: string): string => parse(text).errors.trimEnd();
const near = "g.cfg:1: config parsing error near";

const PYTHON = `warning: Config file looks like it contains Python code.
warning:  Arbitrary Python is no longer supported.
warning:  See https://wiki.xen.org/wiki/PythonInXlConfig`;

describe("what is understood", () => {
  test("a recorded guest's file", () => {
    const { config, errors: none } = parse(fixture("bridge/g1.cfg"));
    expect(none).toBe("");
    expect(config.string("name")).toBe("g1");
    expect(config.number("memory")).toBe(160);
    expect(config.list("vif")).toEqual(["mac=00:16:3e:00:00:01,bridge=xenbr0,script=vif-bridge"]);
    expect(config.warnings).toBe("");
  });

  test("lists over lines, a comma at the end, nested lists, both quotes, comments, semicolons", () => {
    const { config } = parse(`# all of it
vif = [ 'a=1,b=2',   # first
        "c",

      ]
disk = [ ["x", 1], [] ] ; memory = 0x20;;vcpus=010
`);
    expect(config.list("vif")).toEqual(["a=1,b=2", "c"]);
    expect(config.find("disk")).toMatchObject({ value: [["x", "1"], []], line: 6 });
    expect(config.number("memory")).toBe(32);
    expect(config.number("vcpus")).toBe(8);
  });

  test("the last setting counts; += puts strings and lists together", () => {
    const { config } = parse('a = 1\na = 2\ns = "x"\ns += "y"\nl = [1]\nl += [2, 3]\nnew += "z"\n');
    expect(config.string("a")).toBe("2");
    expect(config.string("s")).toBe("xy");
    expect(config.list("l")).toEqual(["1", "2", "3"]);
    expect(config.string("new")).toBe("z");
  });

  test("escapes; numeric ones vanish, as in libxlu", () => {
    expect(parse(`${String.raw`a = "tab\there \"quoted\" \065"`}\n`).config.string("a")).toBe('tab\there "quoted" ');
  });

  test("questions of the wrong kind are warnings", () => {
    const { config } = parse('l = [1]\ns = "12x"\nn += 3\n');
    expect(config.string("l")).toBeNull();
    expect(config.list("s")).toBeNull();
    expect(config.number("s")).toBeNull();
    expect(config.number("n")).toBeNull();
    expect(config.number("nobody")).toBeNull();
    expect(config.warnings).toBe(`g.cfg:1: warning: parameter \`l' is a list but should be a single value
g.cfg:2: warning: parameter \`s' is a single value but should be a list
g.cfg:2: warning: parameter \`s' is not a valid number
g.cfg:3: warning: can't use += with numbers for parameter \`n'
`);
  });
});

describe("what is not", () => {
  test.each([
    ["name g1\n", `${near} \`g1': syntax error, unexpected IDENT, expecting += or '='`],
    [
      "name = \n",
      "g.cfg:0: config parsing error near <newline>: syntax error, unexpected NEWLINE, expecting STRING or NUMBER or '['",
    ],
    ["name = g1\n", `${near} \`g1': syntax error, unexpected IDENT, expecting STRING or NUMBER or '['`],
    ['"a" = 3\n', `${near} \`"a"': syntax error, unexpected STRING, expecting $end or IDENT or NEWLINE or ';'`],
    ["a = [ 1 2 ]\n", `${near} \`2': syntax error, unexpected NUMBER, expecting ']'`],
    ["a = [ , ]\n", `${near} \`,': syntax error, unexpected ',', expecting ']'`],
    ["a = [1,\n\n", "g.cfg:2: config parsing error near `': syntax error, unexpected $end, expecting ']'"],
    ["a = 1 b = 2\n", `${near} \`b': syntax error, unexpected IDENT, expecting $end`],
    ['a = "x\n', `${near} \`"x': lexical error`],
    ["A = 1\n", `${near} \`A': lexical error`],
    ["a = (1)\nb=2\n", `${near} \`(1)': lexical error\n${PYTHON}`],
    ["a=1 # c", `${near} \`#': lexical error`],
    [
      `${String.raw`a = "\x"`}\n`,
      `${near} \`"\\x"': invalid digit after backslash hexnumerical character escape in quoted string`,
    ],
    ['a=[1]\na+="b"\n', 'g.cfg:2: config parsing error near `"b"\': can\'t add [list] to "string" or vice versa'],
    ["a=1\r\n", `${near} \`\r': lexical error`],
  ])("%j", (text, expected) => expect(errors(text)).toBe(expected));

  test("after an error it is silent until three words were understood", () => {
    expect(
      errors("import os\nvif = 3\nx y\nz w\n"),
    ).toBe(`${near} \`os': syntax error, unexpected IDENT, expecting += or '='
g.cfg:3: config parsing error near \`y': syntax error, unexpected IDENT, expecting += or '='`);
  });
});

test("whatever the text: an answer, never an exception, and errors come with no half-read settings", () => {
  const words = fc.constantFrom(
    "a",
    '"x"',
    "1",
    "=",
    "+=",
    "[",
    "]",
    ",",
    ";",
    "\n",
    "#",
    "'",
    "\\",
    "@",
    " ",
    "é",
    "\0",
  );
  const text = fc.oneof(
    fc.string(),
    fc.array(words, { maxLength: 40 }).map((all) => all.join("")),
  );
  fc.assert(
    fc.property(text, (source) => {
      const { config, errors: said } = parse(source);
      for (const name of config.names) {
        expect(name).toMatch(/^[a-z][._0-9a-z]*$/);
        config.string(name);
        config.number(name);
        config.list(name);
      }
      for (const line of said.split("\n").filter((each) => each.startsWith("g.cfg"))) expect(line).toContain(": ");
    }),
    { numRuns: 3000 },
  );
});

test("brackets without end", () => {
  expect(errors(`a = ${"[".repeat(100_000)}`)).toContain("unexpected $end");
});
