// biome-ignore-all lint/suspicious/noTemplateCurlyInString: shell lines
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Nanos } from "../../../src/engine/time.ts";
import { FileTree } from "../../../src/machine/files.ts";
import { Expansion } from "../../../src/machine/shell/expansion.ts";
import { lex } from "../../../src/machine/shell/lexer.ts";
import { parse } from "../../../src/machine/shell/parser.ts";
import { Session } from "../../../src/machine/shell/session.ts";
import { quote } from "../../../src/machine/shell/token.ts";

const session = new Session(
  new Map([
    ["x", "a  b"],
    ["empty", ""],
  ]),
  "bash",
  ["one", "two words"],
  77,
);

function argv(line: string): string[] | string {
  const parsed = parse(line);
  if ("error" in parsed) return parsed.error.message;
  const command = parsed.list[0]?.pipelines[0]?.commands[0];
  if (command?.kind !== "simple") return [];
  return [
    ...new Expansion(session, { hostname: "box", files: new FileTree({ now: 0 as Nanos }) }, "/").expand(command)!.argv,
  ];
}

/** Text rich in what shells care about. */
const shellish = fc.string({
  unit: fc.constantFrom(
    ..."ab '\"\\$`{}()|&;<>\n#=!x:-12?*\t\v\u00a0",
    "for ",
    "do ",
    "done",
    "if ",
    "fi",
    "case ",
    "in ",
    "esac",
    "<<",
    "$((",
    "..",
    ",",
  ),
});

describe("words", () => {
  test.each([
    [`echo 'a b' "c d" e\\ f`, ["echo", "a b", "c d", "e f"]],
    [`echo $x "$x" '$x'`, ["echo", "a", "b", "a  b", "$x"]],
    [`echo a$x-c`, ["echo", "aa", "b-c"]],
    ["echo $none '' \"$none\"", ["echo", "", ""]],
    [`echo \${none:-fall back} "\${empty:-in $x}"`, ["echo", "fall", "back", "in a  b"]],
    [`echo "$@" $# $1`, ["echo", "one", "two words", "2", "one"]],
    ["echo a#b # comment", ["echo", "a#b"]],
    ['echo "a\\"b\\$\\n"', ["echo", 'a"b$\\n']],
    ["echo a\\\nb", ["echo", "ab"]],
    ["echo $ $% 5$", ["echo", "$", "$%", "5$"]],
    // As bash in the C locale: blanks are space and tab, and a word may hold any other space, or be one.
    ["echo \u00a0 a\u00a0b \v", ["echo", "\u00a0", "a\u00a0b", "\v"]],
  ])("%s", (line, expected) => {
    expect(argv(line)).toEqual(expected);
  });

  test("quote is read back as the same text", () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: "binary" }).filter((text) => !text.includes("\0"))), (words) => {
        const line = ["echo", ...words.map(quote)].join(" ");
        expect(argv(line)).toEqual(["echo", ...words]);
      }),
    );
  });
});

describe("whatever is typed", () => {
  test("lexer and parser answer, and never throw", () => {
    fc.assert(
      fc.property(shellish, (line) => {
        const lexed = lex(line);
        const parsed = parse(line);
        if ("error" in lexed) expect("error" in parsed && parsed.error.message).toBe(lexed.error.message);
        else for (const token of lexed.tokens) expect(token.from).toBeLessThanOrEqual(token.to);
      }),
      { numRuns: 3000 },
    );
  });

  test("deep nesting is refused, not a stack overflow", () => {
    expect(parse("(".repeat(100_000))).toHaveProperty("error");
    expect(parse(`echo ${"${a:-".repeat(100_000)}`)).toHaveProperty("error");
  });

  test("tokens cover the source in order", () => {
    const lexed = lex("a 2>&1|b&&c");
    expect("tokens" in lexed && lexed.tokens.map((token) => [token.from, token.to])).toEqual([
      [0, 1],
      [2, 5],
      [5, 6],
      [6, 7],
      [7, 8],
      [8, 10],
      [10, 11],
      [11, 11],
    ]);
  });
});

describe("what is not modelled", () => {
  test.each([
    ["f() { echo x; }", "functions are not modelled"],
    ["[[ a = a ]]", "`[[' is not modelled"],
    ["((i = 1))", "`((' is not modelled"],
    ["for ((i = 0; i < 3; i++)); do echo; done", "`for ((' is not modelled"],
    ["cat <<<x", "`<<<' is not modelled"],
    ["echo ${x/a/b}", "${x/a/b}: this expansion is not modelled"],
    ["echo {1..99999}", "more than 10000 words of a brace expansion are not modelled"],
    ["echo $'a'", "$'...' is not modelled"],
    ["ls 5>x", "file descriptor 5 is not modelled"],
  ])("%s", (line, message) => {
    expect(argv(line)).toBe(message);
  });
});
