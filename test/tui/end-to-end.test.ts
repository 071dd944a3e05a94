/** The terminal as its user has it: the built program in a real pseudo terminal. */
import { afterEach, beforeAll, describe, expect, test } from "vitest";
import { Key } from "./kit/stage.ts";
import { built, PROGRAM, PtyTerminal, type TerminalSetting } from "./kit/terminal.ts";

beforeAll(built);

let terminal: PtyTerminal;
afterEach(() => terminal.close());

const FILE = "topologies/bridge-xl.yaml";

/** Open, without the first card. */
async function opened(setting: TerminalSetting = {}): Promise<PtyTerminal> {
  terminal = new PtyTerminal({ ...setting, args: [FILE, "--no-card", ...(setting.args ?? [])] });
  await terminal.shows("no bridge yet");
  return terminal;
}

/** Text that the program placed, with where it began: nothing may reach beyond the right edge. */
function widest(raw: string): number {
  let most = 0;
  for (const [, column, text] of raw.matchAll(/\x1b\[\d+;(\d+)H((?:\x1b\[[\d;]*m|[^\x1b])*)/g))
    most = Math.max(most, Number(column) - 1 + [...text!.replaceAll(/\x1b\[[\d;]*m/g, "")].length);
  return most;
}

describe("walking the views", () => {
  test.each([
    [60, 16],
    [80, 24],
    [100, 30],
    [140, 40],
    [200, 60],
  ])("at %dx%d", async (columns, rows) => {
    await opened({ columns, rows });
    terminal.type(" ");
    await terminal.shows(/●.*1×/);
    await terminal.shows("xenbr0");
    terminal.type("2");
    await terminal.shows(/ICMP/);
    terminal.type("k", "\t", "j", "l", "z");
    await terminal.shows("zoomed, z back");
    terminal.type("z", "5");
    await terminal.shows("root@xen1:~#");
    terminal.type("brctl show\r");
    await terminal.shows("STP enabled");
    terminal.type(Key.alt("6"));
    await terminal.shows("outside:eth0");
    terminal.type("1", "?");
    await terminal.shows("Help");
    terminal.type(Key.esc);
    await terminal.until(() => !terminal.text.includes("╭─ Help"), "help is gone");
    terminal.type("q");
    expect(await terminal.exits()).toBe(0);
    expect(terminal.emulator.isAlternate).toBe(false);
    expect(widest(terminal.emulator.raw)).toBeLessThanOrEqual(columns);
    expect(terminal.emulator.raw).not.toContain("\x1b[3J");
  });

  test("too small a terminal gets one sentence, and a larger one the view again", async () => {
    await opened();
    terminal.resize(50, 12);
    await terminal.shows("xenlab needs 60x16");
    terminal.resize(100, 30);
    await terminal.shows("no bridge yet");
    terminal.resize(60, 16);
    await terminal.shows("web1");
    expect(terminal.emulator.lines()).toHaveLength(16);
  });
});

describe("keys", () => {
  test("step an event, step a hop, change the speed, filter, copy", async () => {
    await opened();
    terminal.type(".");
    await terminal.shows(/event 1 at 0\.0000\d\d s/);
    terminal.type(",");
    await terminal.shows(/‖ paused/);
    await terminal.shows(/(web1|xen1|web2|outside):eth0: |[a-z0-9]+:vif\d/);
    terminal.type("+");
    await terminal.shows("speed 2×");
    terminal.type("-", "-");
    await terminal.shows("speed 1/2×");
    terminal.type("+", " ", "2");
    await terminal.shows("ICMP");
    terminal.type("/", "arp and port == web1:eth0", "\r");
    await terminal.shows(/\/ arp and port == web1:eth0.* of /);
    await terminal.until(() => !/ICMP/.test(terminal.text.split("─ Decode")[0]!), "only ARP is listed");
    terminal.type("/", "x".repeat(3));
    await terminal.shows("xxx");
    terminal.type(Key.esc, Key.esc);
    await terminal.shows("/ filters");
    terminal.type("\t", "y");
    await terminal.shows("copied filter: ");
    expect(terminal.emulator.raw).toMatch(/\x1b\]52;c;[A-Za-z0-9+/=]+\x07/);
  });

  test("escape never quits, ^C twice does", async () => {
    await opened();
    terminal.type(Key.esc, Key.esc, Key.esc, "2");
    await terminal.shows("no frame has moved yet");
    terminal.type("\x03");
    await terminal.shows("^C once more quits");
    terminal.type("\x03");
    expect(await terminal.exits()).toBe(0);
  });

  test("mouse: a tab, a guest, the wheel, and off again", async () => {
    await opened();
    expect(terminal.emulator.raw).toContain("\x1b[?1000h");
    const x = terminal.emulator.lines()[0]!.indexOf("Packets");
    terminal.type(`\x1b[<0;${x + 2};1M\x1b[<0;${x + 2};1m`);
    await terminal.shows("no frame has moved yet");
    terminal.type("1", "\x1b[<0;5;5M");
    await terminal.shows(/not there yet|web1/);
    terminal.type("\x1bm");
    await terminal.shows("mouse off");
    expect(terminal.emulator.raw).toContain("\x1b[?1000l");
  });

  test("what is pasted into a shell is text, whatever it is", async () => {
    await opened();
    terminal.type(" ", "5");
    await terminal.shows("root@xen1:~#");
    terminal.type("\x1b[200~echo q; echo '?'\x1b[201~", "\r");
    await terminal.shows(/\nq\n\?\n/);
  });

  test("paused, a shell's prompt and a command's answer come without another key", async () => {
    await opened();
    terminal.type("5");
    await terminal.shows(/‖ paused.*root@xen1:~#/s);
    terminal.type("echo answer\r");
    await terminal.shows(/‖ paused.*\nanswer\nroot@xen1:~#/s);
  });

  test("^C ends a running ping and leaves the program alone", async () => {
    await opened();
    terminal.type(" ");
    // A prompt is there before the network is.
    await terminal.shows(/web2 dom2 +running/);
    terminal.type("5");
    await terminal.shows("root@xen1:~#");
    terminal.type("ping 192.168.1.1\r");
    await terminal.shows(/icmp_seq=2/);
    terminal.type("\x03");
    await terminal.shows("packets transmitted");
    terminal.type("echo after\r");
    await terminal.shows(/\nafter\n/);
  });
});

describe("how it looks", () => {
  test("no colour with NO_COLOR, and what was marked stays marked", async () => {
    await opened({ env: { NO_COLOR: "1" } });
    terminal.type(" ", "2");
    await terminal.shows("ICMP");
    terminal.type("k", "\t", "j", "5", "x", Key.esc, "6", "?");
    await terminal.shows("Help");
    const colours = [...terminal.emulator.raw.matchAll(/\x1b\[([\d;]*)m/g)].filter(([, codes]) =>
      codes!.split(";").some((code) => /^(3[0-8]|4[0-8]|9[0-7]|10[0-7])$/.test(code)),
    );
    expect(colours).toEqual([]);
    expect(terminal.emulator.raw).toMatch(/\x1b\[[\d;]*7m/);
  });

  test("only ASCII with --ascii", async () => {
    await opened({ args: ["--ascii"] });
    terminal.type(" ", "2");
    await terminal.shows("ICMP");
    terminal.type("k", "\t", "j", "5", "brctl show\r");
    await terminal.shows("STP enabled");
    terminal.type(Key.esc, "6", "?");
    await terminal.shows("Help");
    expect([...terminal.emulator.raw].filter((letter) => letter > "\x7f")).toEqual([]);
  });

  test("--no-motion: no sign moves along a link", async () => {
    await opened({ args: ["--no-motion"] });
    terminal.type(" ");
    await terminal.shows(/FDB [4-9]/);
    await terminal.until(() => /[2-9]\d frames/.test(terminal.text), "frames have passed");
    expect(terminal.emulator.raw).not.toMatch(/[►◄]/);
  });
});

describe("the terminal is as it was", () => {
  const restored = (): void => {
    expect(terminal.emulator.isAlternate).toBe(false);
    const { raw } = terminal.emulator;
    for (const mode of ["?1049", "?2004", "?1000", "?1006"])
      expect(raw.lastIndexOf(`\x1b[${mode}l`), mode).toBeGreaterThan(raw.lastIndexOf(`\x1b[${mode}h`));
    expect(raw.lastIndexOf("\x1b[?7h")).toBeGreaterThan(raw.lastIndexOf("\x1b[?7l"));
    expect(raw.lastIndexOf("\x1b[?25h")).toBeGreaterThan(raw.lastIndexOf("\x1b[?25l"));
  };

  test.each([
    ["SIGTERM", 143],
    ["SIGHUP", 129],
    ["SIGINT", 130],
  ])("after %s", async (signal, code) => {
    await opened();
    terminal.type(" ");
    await terminal.shows("xenbr0");
    terminal.kill(signal);
    expect(await terminal.exits()).toBe(code);
    restored();
  });

  test("after a crash, which says what happened", async () => {
    // Any bug will do: this one is brought in from outside.
    const bug = 'process.once("SIGUSR2", () => { throw new Error("a planted bug"); })';
    await opened({ env: { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(bug)}` } });
    terminal.kill("SIGUSR2");
    expect(await terminal.exits()).toBe(70);
    restored();
    expect(terminal.text).toMatch(/a bug ended it: Error: a planted bug/);
  });

  test("where nobody could wake it, ^Z says so and goes on", async () => {
    await opened();
    terminal.type("\x1a");
    await terminal.shows("it was not suspended");
    terminal.type("2");
    await terminal.shows("no frame has moved yet");
  });

  test("while it is suspended, and the screen is back after fg", async () => {
    terminal = new PtyTerminal({ command: ["bash", "--norc", "--noprofile", "-i"], env: { PS1: "outer> " } });
    await terminal.shows("outer>");
    terminal.type(`${process.execPath} ${PROGRAM} open ${FILE} --no-card --out ${terminal.folder}\r`);
    await terminal.shows("no bridge yet");
    terminal.type("\x1a");
    await terminal.shows(/Stopped/);
    expect(terminal.emulator.isAlternate).toBe(false);
    terminal.type("echo still $((40+2))\r");
    await terminal.shows("still 42");
    terminal.type("fg\r");
    await terminal.shows("no bridge yet");
    terminal.type("q");
    await terminal.until(() => !terminal.emulator.isAlternate, "the shell is back");
    restored();
    terminal.type("exit\r");
    await terminal.exits();
  });
});
