/** What terminals send, as keys: each form of each key, and no matter where a read cuts it. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { KeyEvent } from "../../../src/tui/keys/key-event.ts";
import { KeyParser } from "../../../src/tui/keys/key-parser.ts";

const bytes = (text: string): Buffer => Buffer.from(text, "utf8");
/** A byte a character: for what is no UTF-8. */
const raw = (text: string): Buffer => Buffer.from(text, "latin1");

/** All events of one read after another, and of the silence behind them. */
function read(...reads: readonly (string | Buffer)[]): KeyEvent[] {
  const parser = new KeyParser();
  const events = reads.flatMap((each) => parser.feed(typeof each === "string" ? bytes(each) : each));
  return [...events, ...parser.flush()];
}

const word = (event: KeyEvent): string =>
  event.kind === "key"
    ? event.name
    : event.kind === "paste"
      ? `paste ${event.text}`
      : `${event.action} ${event.x},${event.y}${event.shift ? " shift" : ""}`;
const words = (...reads: readonly (string | Buffer)[]): string[] => read(...reads).map(word);

/** Name of a key, and every sequence that terminals send for it. */
const KEYS: Readonly<Record<string, readonly string[]>> = {
  // xterm, in normal and in application mode
  up: ["\x1b[A", "\x1bOA"],
  down: ["\x1b[B", "\x1bOB"],
  right: ["\x1b[C", "\x1bOC"],
  left: ["\x1b[D", "\x1bOD"],
  // xterm; Linux and screen; rxvt
  home: ["\x1b[H", "\x1bOH", "\x1b[1~", "\x1b[7~"],
  end: ["\x1b[F", "\x1bOF", "\x1b[4~", "\x1b[8~"],
  insert: ["\x1b[2~"],
  delete: ["\x1b[3~"],
  pageup: ["\x1b[5~"],
  pagedown: ["\x1b[6~"],
  center: ["\x1b[E", "\x1bOE"],
  // xterm; Linux; rxvt
  f1: ["\x1bOP", "\x1b[P", "\x1b[[A", "\x1b[11~"],
  f2: ["\x1bOQ", "\x1b[Q", "\x1b[[B", "\x1b[12~"],
  f3: ["\x1bOR", "\x1b[[C", "\x1b[13~"],
  f4: ["\x1bOS", "\x1b[S", "\x1b[[D", "\x1b[14~"],
  f5: ["\x1b[15~", "\x1b[[E"],
  f6: ["\x1b[17~"],
  f7: ["\x1b[18~"],
  f8: ["\x1b[19~"],
  f9: ["\x1b[20~"],
  f10: ["\x1b[21~"],
  f11: ["\x1b[23~"],
  f12: ["\x1b[24~"],
  f13: ["\x1b[25~"],
  f20: ["\x1b[34~"],
  // xterm's modifiers; rxvt's own ways
  "shift-up": ["\x1b[1;2A", "\x1b[a"],
  "shift-left": ["\x1b[1;2D", "\x1b[d"],
  "ctrl-up": ["\x1b[1;5A", "\x1bOa", "\x1bO5A", "\x1bO1;5A"],
  "ctrl-right": ["\x1b[1;5C", "\x1bOc"],
  "alt-left": ["\x1b[1;3D", "\x1b\x1b[D", "\x1b\x1bOD"],
  "alt-right": ["\x1b[1;3C", "\x1b\x1b[C"],
  "alt-pageup": ["\x1b[5;3~", "\x1b\x1b[5~"],
  "ctrl-alt-up": ["\x1b[1;7A", "\x1b\x1bOa"],
  "ctrl-shift-end": ["\x1b[1;6F", "\x1b[8@"],
  "ctrl-alt-shift-delete": ["\x1b[3;8~"],
  "shift-pageup": ["\x1b[5;2~", "\x1b[5$"],
  "ctrl-pagedown": ["\x1b[6;5~", "\x1b[6^"],
  "ctrl-f1": ["\x1b[1;5P", "\x1bO1;5P", "\x1bO5P", "\x1b[11^"],
  "shift-tab": ["\x1b[Z"],
  "alt-f1": ["\x1b\x1b[11~", "\x1b\x1b[[A", "\x1b[1;3P"],
  // Bytes of their own
  enter: ["\r", "\n", "\x1bOM"],
  tab: ["\t"],
  backspace: ["\x7f", "\b"],
  esc: ["\x1b"],
  space: [" "],
  "ctrl-space": ["\0"],
  "ctrl-a": ["\x01"],
  "ctrl-z": ["\x1a"],
  "ctrl-\\": ["\x1c"],
  "ctrl-]": ["\x1d"],
  "ctrl-^": ["\x1e"],
  "ctrl-_": ["\x1f"],
  // Alt
  "alt-m": ["\x1bm"],
  "alt-M": ["\x1bM"],
  "alt-1": ["\x1b1"],
  "alt-enter": ["\x1b\r"],
  "alt-backspace": ["\x1b\x7f"],
  "alt-space": ["\x1b "],
  "ctrl-alt-a": ["\x1b\x01"],
  "alt-ü": ["\x1bü"],
  "alt-[": ["\x1b["],
  "alt-]": ["\x1b]"],
  "alt-O": ["\x1bO"],
  "alt-P": ["\x1bP"],
};

describe("keys", () => {
  test.each(Object.entries(KEYS))("%s", (name, sequences) => {
    expect(sequences.map((sequence) => words(sequence))).toEqual(sequences.map(() => [name]));
  });

  test("only what is typed has a text", () => {
    expect(read("aA ü😀\r\x01\x7f").map((event) => (event.kind === "key" ? event.text : null))).toEqual([
      ...["a", "A", " ", "ü", "😀"],
      ...["", "", ""],
    ]);
    expect(read("\x1ba").map((event) => (event.kind === "key" ? event.text : null))).toEqual([""]);
    // A C1 control in UTF-8 is a character, but none that a text field should have.
    expect(read("\x85").map((event) => (event.kind === "key" ? event.text : null))).toEqual([""]);
  });

  test("several keys in one read are several keys", () => {
    expect(words("jj")).toEqual(["j", "j"]);
    expect(words("\x1b[A\x1b[Ak:q\r")).toEqual(["up", "up", "k", ":", "q", "enter"]);
    expect(words("\x1bm\x1b[1;3C\x1bOP")).toEqual(["alt-m", "alt-right", "f1"]);
  });

  test("UTF-8 cut between reads, however long it takes", () => {
    const parser = new KeyParser();
    expect(parser.feed(Buffer.from([0xf0, 0x9f]))).toEqual([]);
    expect(parser.pending, "no ESC waits").toBe(false);
    expect(parser.flush(), "silence does not break a character").toEqual([]);
    expect(parser.feed(Buffer.from([0x98, 0x80])).map(word)).toEqual(["😀"]);
  });

  test("bytes that are no UTF-8 type nothing, and take nothing with them", () => {
    expect(words(raw("\xffa\xc3b\xe2\x82c\xed\xa0\x80d"))).toEqual(["a", "b", "c", "d"]);
  });
});

describe("a lone ESC", () => {
  test("waits for what may follow, and is Escape when nothing does", () => {
    const parser = new KeyParser();
    expect(parser.feed(bytes("\x1b"))).toEqual([]);
    expect(parser.pending).toBe(true);
    expect(parser.flush().map(word)).toEqual(["esc"]);
    expect(parser.pending).toBe(false);
  });

  test("is the start of an arrow when that comes in time", () => {
    const parser = new KeyParser();
    expect(parser.feed(bytes("\x1b"))).toEqual([]);
    expect(parser.feed(bytes("["))).toEqual([]);
    expect(parser.pending).toBe(true);
    expect(parser.feed(bytes("A")).map(word)).toEqual(["up"]);
    expect(parser.pending).toBe(false);
  });

  test("twice, and before other things", () => {
    expect(words("\x1b\x1b")).toEqual(["esc", "esc"]);
    expect(words("\x1b", "\x1b", "\x1b")).toEqual(["esc", "esc", "esc"]);
    expect(words("\x1b\x1bj")).toEqual(["esc", "alt-j"]);
    expect(words("\x1b\x1b[<0;3;4M")).toEqual(["esc", "press 2,3"]);
    expect(words("\x1b\x1b[200~x\x1b[201~")).toEqual(["esc", "paste x"]);
  });

  test("flushed in the middle of a sequence nothing is typed", () => {
    for (const begun of ["\x1b[1", "\x1b[1;", "\x1b[<0;3", "\x1b[[", "\x1b[M", "\x1b[M a", "\x1b]11;rgb", "\x1bP1$r"])
      expect(words(begun), JSON.stringify(begun)).toEqual([]);
  });
});

describe("the mouse", () => {
  test("SGR: press, release, drag, wheel, with shift, far to the right", () => {
    expect(words("\x1b[<0;1;1M\x1b[<0;1;1m")).toEqual(["press 0,0", "release 0,0"]);
    expect(words("\x1b[<0;300;90M")).toEqual(["press 299,89"]);
    // The middle and the right button are the terminal's own.
    expect(words("\x1b[<1;3;3M\x1b[<2;3;3M\x1b[<2;3;3m")).toEqual([]);
    expect(words("\x1b[<32;5;6M")).toEqual(["drag 4,5"]);
    expect(words("\x1b[<64;10;5M\x1b[<65;10;5M")).toEqual(["wheel-up 9,4", "wheel-down 9,4"]);
    expect(words("\x1b[<4;2;2M\x1b[<68;2;2M")).toEqual(["press 1,1 shift", "wheel-up 1,1 shift"]);
  });

  test("a wheel to the side, further buttons and places off the screen are nothing", () => {
    for (const report of ["66;1;1M", "67;1;1M", "128;1;1M", "0;0;1M", "0;1;0M", "0;1M", "0;;M", "M", "0;1;1;1M"])
      expect(words(`\x1b[<${report}`), report).toEqual([]);
  });

  test("X10's reports are swallowed, whatever bytes they have", () => {
    expect(words(raw("\x1b[M !!j"))).toEqual(["j"]);
    expect(words(raw("\x1b[M#\xc3\xa9j"))).toEqual(["j"]);
    expect(words(raw("\x1b[M \x1b\x1bj"))).toEqual(["j"]);
    // urxvt's 1015, with the same last letter
    expect(words("\x1b[32;5;5Mj")).toEqual(["j"]);
  });
});

describe("pastes", () => {
  test("whatever is inside is text", () => {
    for (const inside of ["", "q", "ls\r\nrm -rf /\n", "\x1b[A\x1b", "\x1b[200~again", "\x1b[201", "ü😀\0", "\x03"])
      expect(words(`\x1b[200~${inside}\x1b[201~j`), JSON.stringify(inside)).toEqual([`paste ${inside}`, "j"]);
  });

  test("nothing is done before its end has come, and silence does not end it", () => {
    const parser = new KeyParser();
    expect(parser.feed(bytes("\x1b[200~one\x1b"))).toEqual([]);
    expect(parser.pending, "no timer needs to run").toBe(false);
    expect(parser.flush()).toEqual([]);
    expect(parser.feed(bytes("[201"))).toEqual([]);
    expect(parser.feed(bytes("~")).map(word)).toEqual(["paste one\x1b".slice(0, -1)]);
  });

  test("a paste of megabytes comes in pieces that make the same text", () => {
    const text = "aü😀\n".repeat(500_000);
    const events = read(`\x1b[200~${text}\x1b[201~`);
    expect(events.length).toBeGreaterThan(2);
    expect(events.map((event) => (event.kind === "paste" ? event.text : "?")).join("") === text).toBe(true);
  });
});

describe("what is no key", () => {
  const NOISE: Readonly<Record<string, string>> = {
    "focus in and out": "\x1b[I\x1b[O",
    "a cursor position report": "\x1b[24;80R",
    "device attributes": "\x1b[?64;1;2;6c\x1b[>41;354;0c",
    "a mode report": "\x1b[?2026;2$y",
    "kitty's and xterm's own encodings": "\x1b[106;5u\x1b[27;5;106~",
    "an unknown function key": "\x1b[99~\x1bOz",
    "the Linux console's unknown": "\x1b[[Z",
    "a colour, ended by BEL and by ST": "\x1b]11;rgb:0000/0000/0000\x07\x1b]11;rgb:0000/0000/0000\x1b\\",
    "a status string": "\x1bP1$r0m\x1b\\",
    "an application command": "\x1b_Gi=31;OK\x1b\\",
    "a privacy message and a string": "\x1b^x\x1b\\\x1bXx\x1b\\",
    "a string broken off": "\x1b]0;title\x18",
  };

  test.each(Object.entries(NOISE))("%s types nothing", (_, noise) => {
    expect(words(`a${noise}b`)).toEqual(["a", "b"]);
    expect(words("a", ...noise, "b")).toEqual(["a", "b"]);
  });

  test("a control sequence with a byte that none can have is dropped up to there", () => {
    expect(words("\x1b[12\rj")).toEqual(["enter", "j"]);
    expect(words("\x1b[1;\x1b[A")).toEqual(["up"]);
    expect(words("\x1b]0;title\x1b[A")).toEqual(["up"]);
    expect(words("\x1b[\r")).toEqual(["alt-[", "enter"]);
  });

  test("endless garbage is forgotten, and keys work behind it", () => {
    for (const [begin, more, end] of [
      ["\x1b[", "1;", "A"],
      ["\x1b[<", "0", ";1;1M"],
      ["\x1b[0", " ", "q"],
      ["\x1b]", "x", "\x07"],
      ["\x1bP", "\x1bP".slice(1), "\x1b\\"],
      ["\x1b\x1b[", "1", "A"],
    ] as const) {
      const parser = new KeyParser();
      const events = parser.feed(bytes(begin));
      for (let i = 0; i < 1000; i++) events.push(...parser.feed(bytes(more.repeat(50))));
      expect(JSON.stringify(parser).length, `${JSON.stringify(begin)} is held`).toBeLessThan(1000);
      events.push(...parser.feed(bytes(`${end}j`)));
      expect(events.map(word).filter((name) => name !== "esc")).toEqual(["j"]);
    }
  });
});

describe("reads cut anywhere", () => {
  /** Pieces of a stream, cut at random places. */
  const cuts = fc.array(fc.nat({ max: 12 }), { maxLength: 30 });
  function cut(stream: Buffer, lengths: readonly number[]): Buffer[] {
    const pieces: Buffer[] = [];
    let at = 0;
    for (const length of lengths) {
      pieces.push(stream.subarray(at, at + length));
      at += length;
    }
    return [...pieces, stream.subarray(at)];
  }

  const known = fc.constantFrom(
    ...Object.entries(KEYS).flatMap(([name, sequences]) =>
      // ESC and Alt before more are what they are only in the silence behind them.
      sequences.filter((each) => !/^\x1b[[\]OP]?$/.test(each)).map((sequence) => ({ name, sequence })),
    ),
    { name: "press 4,5", sequence: "\x1b[<0;5;6M" },
    { name: "paste \x1b[A\n", sequence: "\x1b[200~\x1b[A\n\x1b[201~" },
    { name: "😀", sequence: "😀" },
  );

  test("the keys are the same", () => {
    fc.assert(
      fc.property(fc.array(known, { maxLength: 12 }), cuts, (keys, lengths) => {
        const stream = bytes(keys.map(({ sequence }) => sequence).join(""));
        expect(read(...cut(stream, lengths)).map(word)).toEqual(keys.map(({ name }) => name));
      }),
      { numRuns: 500 },
    );
  });

  /** Bytes of which sequences are made, more often than others. */
  const byte = fc.oneof(
    { weight: 3, arbitrary: fc.constantFrom(...raw("\x1b\x1b\x1b[[]OPM<?;0123~$ !A\\\x07\x18aZ\xc3\xa9")) },
    { weight: 1, arbitrary: fc.nat({ max: 255 }) },
  );
  const piece = fc.oneof(
    { weight: 4, arbitrary: fc.array(byte, { maxLength: 8 }).map((each) => Buffer.from(each)) },
    {
      weight: 1,
      arbitrary: fc.constantFrom("\x1b[200~", "\x1b[201~", "\x1b[<0;1;1M", "\x1b]0;", "1".repeat(70)).map(raw),
    },
  );

  test("any bytes at all give the same events, and the parser holds next to nothing of them", () => {
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 10 }), cuts, (pieces, lengths) => {
        const stream = Buffer.concat(pieces);
        expect(read(...cut(stream, lengths))).toEqual(read(stream));
        expect(read(...Array.from(stream, (each) => Buffer.from([each])))).toEqual(read(stream));
      }),
      { numRuns: 3000 },
    );
  });

  test("a silence in the middle loses at most what was begun", () => {
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 6 }), (pieces) => {
        const parser = new KeyParser();
        parser.feed(Buffer.concat(pieces));
        parser.flush();
        expect(parser.pending).toBe(false);
        // Inside a paste that has not ended, or behind half a character, more may have to come.
        const events = parser.feed(bytes("\x1b[201~\x1b[201~j"));
        expect(word(events.at(-1)!)).toBe("j");
      }),
      { numRuns: 1000 },
    );
  });
});
