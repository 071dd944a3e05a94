/** The line at a prompt: history, completion, ^R. */
import { describe, expect, test } from "vitest";
import {
  type CommandLine,
  type Completion,
  EMPTY_LINE,
  type LineAnswer,
  lineKey,
  remember,
} from "../../../src/tui/parts/command-line.ts";
import { key, paste, typed, wheel } from "../kit/keys.ts";

const HISTORY = ["brctl show", "ip addr", "ping 10.0.0.1", "ip route"];
const NONE: Completion = { from: 0, candidates: [] };

class Prompt {
  line: CommandLine = EMPTY_LINE;
  answer: LineAnswer["kind"] = "changed";
  entered: string | null = null;
  history: readonly string[] = HISTORY;
  complete: (text: string, cursor: number) => Completion = () => NONE;

  /** Keys by name; anything with a blank or without a name is typed. */
  press(...names: readonly string[]): this {
    for (const name of names) {
      const answer = lineKey(this.line, key(name), this);
      this.answer = answer.kind;
      if (answer.kind === "changed") this.line = answer.line;
      if (answer.kind === "entered") this.entered = answer.text;
    }
    return this;
  }

  type(text: string): this {
    for (const event of typed(text)) {
      const answer = lineKey(this.line, event, this);
      if (answer.kind === "changed") this.line = answer.line;
    }
    return this;
  }

  get shown(): string {
    const { text, cursor } = this.line.field;
    return `${text.slice(0, cursor)}|${text.slice(cursor)}`;
  }
}

describe("typing", () => {
  test("enter gives the line, whole, wherever the cursor stands", () => {
    const prompt = new Prompt().type("ip addr").press("home", "enter");
    expect(prompt.entered).toBe("ip addr");
    expect(new Prompt().press("enter").entered, "an empty line too").toBe("");
  });

  test("keys that are none of its own, and the mouse, are for others", () => {
    for (const name of ["esc", "ctrl-c", "ctrl-d", "ctrl-l", "pageup", "alt-left", "f1"])
      expect(new Prompt().type("ip").press(name).answer, name).toBe("other");
    for (const search of [null, "ip"])
      expect(lineKey({ ...EMPTY_LINE, search }, wheel("wheel-up"), new Prompt()).kind).toBe("other");
  });
});

describe("history", () => {
  test("up and down walk through it, and stop at its ends", () => {
    const prompt = new Prompt();
    expect(prompt.press("up").shown).toBe("ip route|");
    expect(prompt.press("ctrl-p").shown).toBe("ping 10.0.0.1|");
    expect(prompt.press("up", "up", "up", "up").shown).toBe("brctl show|");
    expect(prompt.press("down").shown).toBe("ip addr|");
    expect(prompt.press("ctrl-n", "down", "down", "down").shown).toBe("|");
  });

  test("the line being typed is there again below the newest", () => {
    expect(new Prompt().type("tcpdump").press("up", "up", "down", "down").shown).toBe("tcpdump|");
  });

  test("an edited old line is a new one", () => {
    const prompt = new Prompt().press("up", "up").type("7");
    expect(prompt.shown).toBe("ping 10.0.0.17|");
    expect(prompt.press("up").shown, "from the newest again").toBe("ip route|");
    expect(prompt.press("down").shown).toBe("ping 10.0.0.17|");
  });

  test("remembers neither blank lines nor the same one twice in a row, and no more than 500", () => {
    expect(remember(["a"], "  ")).toEqual(["a"]);
    expect(remember(["a"], "a")).toEqual(["a"]);
    expect(remember(["a", "b"], "a")).toEqual(["a", "b", "a"]);
    let history: readonly string[] = [];
    for (let i = 0; i < 600; i++) history = remember(history, `line ${i}`);
    expect([history.length, history[0], history.at(-1)]).toEqual([500, "line 100", "line 599"]);
  });
});

describe("completion", () => {
  const words = (...candidates: readonly string[]): ((text: string, cursor: number) => Completion) => {
    return (text, cursor) => {
      const from = text.slice(0, cursor).lastIndexOf(" ") + 1;
      return { from, candidates: candidates.filter((word) => word.startsWith(text.slice(from, cursor))) };
    };
  };

  test("one candidate goes in whole, with a blank behind it", () => {
    const prompt = new Prompt().type("brctl sh");
    prompt.complete = words("show", "stp");
    expect(prompt.press("tab").shown).toBe("brctl show |");
    expect(prompt.line.candidates).toEqual([]);
  });

  test("a folder without a blank: there is more to come", () => {
    const prompt = new Prompt().type("cat /e");
    prompt.complete = words("/etc/");
    expect(prompt.press("tab").shown).toBe("cat /etc/|");
  });

  test("of several what they share, and they are shown until the next key", () => {
    const prompt = new Prompt().type("brctl s");
    prompt.complete = words("show", "showmacs", "showstp");
    expect(prompt.press("tab").shown).toBe("brctl show|");
    expect(prompt.line.candidates).toEqual(["show", "showmacs", "showstp"]);
    expect(prompt.press("tab").shown, "again nothing more").toBe("brctl show|");
    expect(prompt.type("m").line.candidates).toEqual([]);
    expect(prompt.press("tab").shown).toBe("brctl showmacs |");
  });

  test("in the middle of a line what stands behind the cursor stays", () => {
    const prompt = new Prompt().type("br show").press("home", "right", "right");
    prompt.complete = words("brctl");
    expect(prompt.press("tab").shown).toBe("brctl | show");
  });

  test("nothing to complete changes nothing", () => {
    expect(new Prompt().type("xyz").press("tab").shown).toBe("xyz|");
  });

  test("candidates that share nothing take nothing away", () => {
    const prompt = new Prompt().type("ip ");
    prompt.complete = () => ({ from: 3, candidates: ["addr", "route"] });
    expect(prompt.press("tab").shown).toBe("ip |");
    expect(prompt.line.candidates).toEqual(["addr", "route"]);
  });
});

describe("^R", () => {
  test("finds the newest line that holds the text, and older ones", () => {
    const prompt = new Prompt().press("ctrl-r").type("ip");
    expect([prompt.line.search, prompt.shown]).toEqual(["ip", "|ip route"]);
    expect(prompt.press("ctrl-r").shown).toBe("|ip addr");
    expect(prompt.press("ctrl-r").shown, "there is no older one").toBe("|ip addr");
  });

  test("a longer text looks on from where it is, a shorter one from the newest", () => {
    const prompt = new Prompt().press("ctrl-r").type("ip a");
    expect(prompt.shown).toBe("|ip addr");
    expect(prompt.press("backspace").shown).toBe("|ip route");
  });

  test("a text that is nowhere leaves the line as it was", () => {
    const prompt = new Prompt().press("ctrl-r").type("pingx");
    expect([prompt.line.search, prompt.shown]).toEqual(["pingx", "|ping 10.0.0.1"]);
  });

  test("enter runs what was found; another key keeps it in the line", () => {
    expect(new Prompt().press("ctrl-r").type("brctl").press("enter").entered).toBe("brctl show");
    const prompt = new Prompt().press("ctrl-r").type("brctl").press("end");
    expect([prompt.line.search, prompt.line.field.text]).toEqual([null, "brctl show"]);
  });

  test("escape and ^G give back the line that was being typed", () => {
    for (const name of ["esc", "ctrl-g"]) {
      expect(new Prompt().type("tcpd").press("ctrl-r").type("ip").press(name).shown).toBe("tcpd|");
      expect(new Prompt().type("tcpd").press("ctrl-r", name).shown, "with nothing looked for").toBe("tcpd|");
      expect(new Prompt().type("tcpd").press("ctrl-r").type("zzz").press(name).shown).toBe("tcpd|");
    }
    expect(new Prompt().type("tcpd").press("up", "ctrl-r", "esc").shown, "from an old line").toBe("tcpd|");
  });

  test("a paste is looked for as if it were typed", () => {
    const prompt = new Prompt().press("ctrl-r");
    const answer = lineKey(prompt.line, paste("addr"), prompt);
    expect(answer).toMatchObject({ kind: "changed", line: { search: "addr", field: { text: "ip addr", cursor: 3 } } });
  });
});
