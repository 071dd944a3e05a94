/** What stands on the screens of shells: what was typed where it was typed, what came, and no more than is kept. */
import { describe, expect, test } from "vitest";
import { seconds } from "../../../src/lab/index.ts";
import { Watch } from "../kit/watch.ts";

/** Up, and standing. */
function up(): Watch {
  const watch = new Watch();
  watch.run(2_000);
  return watch;
}

describe("a screen", () => {
  test("is not there until somebody opens a shell", () => {
    const watch = up();
    expect(watch.session.shells.transcript("xen1")).toBeNull();
    watch.session.openShell("xen1", watch.clock);
    watch.pass(500);
    expect(watch.transcript("xen1")).toMatchObject({ machine: "xen1", lines: [], open: "root@xen1:~# ", busy: false });
  });

  test("shows the line behind its prompt, then what it printed, each with its time and kind", () => {
    const watch = up();
    watch.type("xen1", "echo out; nonsense");
    const { lines } = watch.transcript("xen1");
    expect(lines.map(({ text, kind }) => [kind, text])).toEqual([
      ["input", "root@xen1:~# echo out; nonsense"],
      ["output", "out"],
      ["error", "bash: nonsense: command not found"],
    ]);
    expect(lines.every(({ time }) => time >= seconds(2))).toBe(true);
  });

  test("knows that something runs, and what asks for input", () => {
    const watch = up();
    watch.session.type("xen1", "cat", watch.clock);
    watch.pass(200);
    expect(watch.transcript("xen1").busy).toBe(true);
    watch.session.type("xen1", "typed into cat", watch.clock);
    watch.pass(200);
    expect(watch.lines("xen1")).toEqual(["root@xen1:~# cat", "typed into cat", "typed into cat"]);
    expect(watch.transcript("xen1").history, "a line for a program is none of the shell's").toEqual(["cat"]);
  });

  test("a version that grows with every change, and stays while nothing does", () => {
    const watch = up();
    watch.type("xen1", "true");
    const before = watch.transcript("xen1");
    watch.pass(100);
    expect(watch.transcript("xen1"), "the very same").toBe(before);
    watch.type("xen1", "true");
    expect(watch.transcript("xen1").version).toBeGreaterThan(before.version);
    const { version } = watch.transcript("xen1");
    watch.session.shells.clear("xen1");
    expect(watch.transcript("xen1").version).toBeGreaterThan(version);
  });

  test("tabs are blanks up to the next stop, in an unfinished line too", () => {
    const watch = up();
    watch.type("xen1", "printf 'a\\tbc\\tdefghijk\\tl\\n\\t|'");
    expect(watch.lines("xen1").slice(1)).toEqual(["a       bc      defghijk        l"]);
    expect(watch.transcript("xen1").open).toBe("        |root@xen1:~# ");
  });

  test("backspaces and carriage returns do what they do on a terminal", () => {
    const watch = up();
    watch.type("xen1", "printf 'abc\\rX\\n...\\b \\b\\n12\\b\\b\\b3\\nplain  \\n'");
    expect(watch.lines("xen1").slice(1)).toEqual(["Xbc", "..", "32", "plain  "]);
  });

  test("a line without end is not kept whole", () => {
    const watch = up();
    const piece = "x".repeat(2_000);
    watch.type("xen1", Array(5).fill(`printf %s ${piece}`).join("; "));
    expect(watch.lines("xen1").slice(1)).toEqual([piece.repeat(3)]);
    expect(watch.transcript("xen1").open).toBe(`${piece.repeat(2)}root@xen1:~# `);
  });

  test("5000 lines are kept, and numbered on", () => {
    const watch = up();
    watch.type("xen1", "seq 1 6000");
    const { lines, first } = watch.transcript("xen1");
    expect(lines).toHaveLength(5_000);
    expect([lines[0]!.text, lines.at(-1)!.text]).toEqual(["1001", "6000"]);
    expect(first, "the typed line and a thousand more are gone").toBe(1_001);
  });

  test("cleared it is empty, and its prompt and history stay", () => {
    const watch = up();
    watch.type("xen1", "echo one");
    watch.session.shells.clear("xen1");
    expect(watch.transcript("xen1")).toMatchObject({
      lines: [],
      first: 2,
      open: "root@xen1:~# ",
      history: ["echo one"],
    });
  });
});

describe("a shell", () => {
  test("lives on from line to line", () => {
    const watch = up();
    watch.type("xen1", "cd /etc; A=kept");
    watch.type("xen1", "pwd; echo $A");
    expect(watch.lines("xen1").slice(-2)).toEqual(["/etc", "kept"]);
  });

  test("left with exit, another one comes, below what stood there", () => {
    const watch = up();
    watch.type("xen1", "A=old; exit");
    expect(watch.transcript("xen1").busy).toBe(false);
    watch.type("xen1", "echo [$A]");
    expect(watch.lines("xen1").join("\n")).toMatch(/A=old; exit\n(.*\n)*.*echo \[\$A\]\n\[\]/);
    expect(watch.transcript("xen1").history).toEqual(["A=old; exit", "echo [$A]"]);
  });

  test("lines behind an exit are gone with it, and nobody waits for them", () => {
    const watch = up();
    for (const line of ["exit", "echo lost"]) watch.session.type("xen1", line, watch.clock);
    watch.pass(1_000);
    expect(watch.session.shells.hasWaiting).toBe(false);
    expect(watch.session.pace.running).toBe(false);
    expect(watch.lines("xen1").join("\n")).not.toContain("lost");
  });

  test("of a guest ends with the guest, and a reboot brings another", () => {
    const watch = up();
    watch.session.type("web1", "sleep 1000", watch.clock);
    watch.pass(200);
    watch.type("xen1", "xl destroy web1");
    watch.pass(500);
    expect(watch.session.pace.running, "the dead are not waited for").toBe(false);
    expect(watch.session.type("web1", "true", watch.clock), "no such machine now").toBe(false);
    watch.type("xen1", "xl create /etc/xen/web1.cfg");
    watch.run(3_000);
    watch.type("web1", "echo alive");
    expect(watch.lines("web1").at(-1)).toBe("alive");
    expect(watch.lines("web1")[0], "what was typed before is still to be read").toContain("sleep 1000");
  });

  test("every line is in the journal, as it was typed", () => {
    const watch = up();
    watch.session.toggle(watch.clock);
    watch.session.type("web1", "sleep 100", watch.clock);
    watch.pass(500);
    watch.session.interrupt("web1", watch.clock);
    expect(watch.session.lab.journal.entries.map(({ input }) => input)).toMatchObject([
      { kind: "shell", machine: "web1" },
      { kind: "type", machine: "web1", text: "sleep 100\n" },
      { kind: "signal", machine: "web1", signal: "INT" },
    ]);
  });
});
