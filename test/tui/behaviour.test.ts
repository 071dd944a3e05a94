/** What a user does with keys and mouse, and what must come of it: the app in-process, on a clock of the test's own. */
import { afterEach, describe, expect, test } from "vitest";
import { openFile } from "../../src/tui/choose-topology.ts";
import { EVERYWHERE } from "../../src/tui/keys/keymap.ts";
import { VIEWS } from "../../src/tui/views/index.ts";
import { Key, Stage } from "./kit/stage.ts";

let stage: Stage;
afterEach(() => stage.close());

const click = (x: number, y: number): string => `\x1b[<0;${x + 1};${y + 1}M`;

async function played(columns = 100, rows = 30): Promise<Stage> {
  stage = await Stage.open("bridge-xl.yaml", columns, rows);
  await stage.type(" ");
  await stage.pass(3_000);
  return stage;
}

/** A topology that is no file. */
async function openText(text: string, columns = 100, rows = 30): Promise<Stage> {
  stage = await Stage.open("bridge-xl.yaml", columns, rows);
  stage.outside.texts.set("own.yaml", text);
  openFile(stage.app, "own.yaml");
  await stage.pass(0);
  return stage;
}

const find = (text: string): { readonly x: number; readonly y: number } => {
  const lines = stage.emulator.lines();
  const y = lines.findIndex((line) => line.includes(text));
  return { x: lines[y]!.indexOf(text), y };
};

describe("the mouse", () => {
  test("a second click on a guest shows its packets, and the Map is still the Map", async () => {
    await played();
    const { x, y } = find("192.168.1.101/24");
    await stage.type(click(x, y), click(x, y));
    expect(stage.text).toContain("/ port == xen1:vif1.0");
    await stage.type("1");
    expect(stage.text).toContain("web2 dom2");
  });

  test("a click on a ping's link shows the frame that brought the answer", async () => {
    await played();
    await stage.type("5", Key.altRight, "ping -c 1 192.168.1.1\r");
    await stage.pass(1_000);
    const { x, y } = find("↳");
    const number = /↳ (\d+)/.exec(stage.emulator.lines()[y]!)![1]!;
    await stage.type(click(x, y));
    expect(stage.text).toMatch(new RegExp(`▸ +${number} .*ICMP.*echo reply`));
    await stage.type("5");
    expect(stage.text).toContain("root@web1:~#");
  });
});

describe("keys", () => {
  test("no action of a view has the name of one that holds everywhere", () => {
    const everywhere = new Set(EVERYWHERE.map(({ action }) => action));
    for (const { id, bindings } of VIEWS)
      expect(
        bindings.map(({ action }) => action).filter((action) => everywhere.has(action)),
        id,
      ).toEqual([]);
  });

  test.each(VIEWS.map(({ id, key }) => [id, key] as const))(
    "^O opens the choice of topologies from %s",
    async (id, key) => {
      await played();
      await stage.type(key, ...(id === "shell" ? [Key.esc] : []), Key.ctrl("o"));
      expect(stage.text).toContain("Open a topology");
      await stage.type("busy", Key.enter);
      expect(stage.text).toContain("bridge-busy ‖ paused");
    },
  );

  test("in the Shell the footer says what holds while keys are text", async () => {
    await played();
    await stage.type("5");
    expect(stage.emulator.lines().at(-1)).toMatch(/tab complete.*esc keys/);
    await stage.type(Key.esc);
    expect(stage.emulator.lines().at(-1)).toMatch(/space pause.*i type/);
  });

  test("several lines that are pasted into the Shell are several commands", async () => {
    await played();
    await stage.type("5", "\x1b[200~echo one\necho two\nech\x1b[201~");
    await stage.pass(500);
    expect(stage.text).toMatch(/\none\n/);
    expect(stage.text).toMatch(/\ntwo\n/);
    expect(stage.text).toMatch(/# ech$/m);
  });

  test("^C twice leaves, also from a dialog", async () => {
    await played();
    await stage.type(Key.ctrl("p"), Key.ctrl("c"));
    expect(stage.hasQuit).toBe(false);
    await stage.type(Key.ctrl("c"));
    expect(stage.hasQuit).toBe(true);
  });

  test("s pings from the selected guest although the ping once a second runs there", async () => {
    await played();
    await stage.type("s");
    await stage.pass(3_000);
    await stage.type("5", Key.altRight);
    expect(stage.text).toMatch(/root@web1:~# ping -c 3 192\.168\.1\.1/);
    expect(stage.text).toContain("3 packets transmitted, 3 received");
  });

  test("alt-p ends the ping once a second", async () => {
    await played();
    await stage.type("\x1bp");
    expect(stage.text).toContain("web1: ping 192.168.1.1 ended");
    await stage.type("2", "/", "icmp", Key.enter);
    await stage.pass(1_000);
    const found = (): string => /(\d+) of/.exec(stage.text)![1]!;
    const before = found();
    await stage.pass(3_000);
    expect(found()).toBe(before);
  });
});

describe("what a program lacks", () => {
  test("wireshark that is not installed: the command is copied, and the lab goes on", async () => {
    await played();
    stage.outside.programs = [];
    await stage.type("6", "o");
    expect(stage.text).toContain("wireshark is not installed; copied: ");
    expect(stage.copied.at(-1)).toBe("wireshark captures/bridge-xl/outside-eth0.pcapng");
    expect(stage.opened).toEqual([]);
  });
});

describe("captures that cannot be written", () => {
  test("are off from then on, with the reason, and the lab goes on", async () => {
    await played();
    stage.outside.diskIsFull = true;
    await stage.pass(1_500);
    expect(stage.text).toContain("captures stop here: no space left on device");
    await stage.type("6");
    expect(stage.text).not.toMatch(/◉/);
    expect(stage.text).toContain("stopped");
    await stage.type("1");
    await stage.pass(2_000);
    expect(stage.app.bench!.session.lab.captures!.pending).toBe(0);
    expect(stage.text).toMatch(/0 dropped/);
  });
});

describe("topologies of other shapes", () => {
  const SHAPES: readonly (readonly [string, string])[] = [
    [
      "without a Xen host",
      "name: none\nnetworks: { lan: {} }\nmachines: { gw: { nics: { eth0: { network: lan, ip: 10.0.0.1/24 } } } }\n",
    ],
    ["with a host that has nothing", "name: bare\nhosts: { xen1: {} }\n"],
  ];

  test.each(SHAPES)("%s: every view is drawn, at every size, and takes keys", async (_name, text) => {
    for (const [columns, rows] of [
      [60, 16],
      [80, 24],
      [140, 40],
    ] as const) {
      await openText(text, columns, rows);
      await stage.type(" ");
      await stage.pass(500);
      for (const { key } of VIEWS) {
        await stage.type(Key.alt(key), Key.down, Key.up, Key.right, Key.enter);
        await stage.pass(100);
      }
      expect(stage.text).toMatch(/1 Map +2 Packets.*●/);
      stage.close();
    }
    stage = await Stage.open("bridge-xl.yaml", 80, 24);
  });
});

describe("a file with mistakes", () => {
  test("shows them, and opens when it is saved without them", async () => {
    await openText("name: x\nmode: bridg\nguests: { web1: 192.168.1.11 }\n");
    expect(stage.text).toContain("own.yaml:2:7: error");
    expect(stage.text).toContain("did you mean `bridge`?");
    stage.outside.write("own.yaml", "name: mended\nmode: bridge\nguests: { web1: 192.168.1.11 }\n");
    await stage.pass(0);
    expect(stage.text).toContain("mended ‖ paused");
  });

  test("that is left alone by a click beside it does not come back when it is saved", async () => {
    await openText("name: x\nmode: bridg\n");
    await stage.type(click(0, 29));
    expect(stage.text).not.toContain("error");
    stage.outside.write("own.yaml", "name: mended\nmode: bridge\nguests: { web1: 192.168.1.11 }\n");
    await stage.pass(0);
    expect(stage.text).toContain("bridge-xl");
  });
});

describe("a paused lab", () => {
  test("a command gets its answer, time passes to the same event every time, and the lab rests again", async () => {
    const ends: string[] = [];
    for (let i = 0; i < 2; i++) {
      stage = await Stage.open("bridge-xl.yaml", 100, 30);
      await stage.type(" ");
      await stage.pass(2_000 + 17 * i);
      await stage.type(" ", "5", "brctl show\r");
      await stage.pass(1_000);
      expect(stage.text).toContain("STP enabled");
      ends.push(/paused ([\d:.]+)/.exec(stage.text)![1]!.slice(0, 8));
      if (i === 0) stage.close();
    }
    expect(ends[0]).toBe(ends[1]);
  });

  test("the ping once a second begins at the same event, however the slices fall", async () => {
    const starts: string[] = [];
    for (const millis of [66, 7, 33]) {
      stage = await Stage.open("bridge-xl.yaml", 100, 30);
      await stage.type(" ");
      for (let passed = 0; passed < 1_500; passed += millis) await stage.pass(millis);
      starts.push(/([\d.]+) › web1 +typed: ping/.exec(stage.text)![1]!);
      stage.close();
    }
    expect(new Set(starts).size).toBe(1);
    stage = await Stage.open("bridge-xl.yaml", 80, 24);
  });

  test("^C at a prompt takes the line back and nothing else", async () => {
    await played();
    await stage.type(" ", "5", "ls -l", Key.ctrl("c"), "echo zz\r");
    await stage.pass(500);
    expect(stage.text).toMatch(/^root@xen1:~# echo zz\nzz\nroot@xen1:~#$/m);
  });

  test("looking at a shell in which something runs lets no time pass", async () => {
    await played();
    await stage.type("5", "ping 192.168.1.1\r");
    await stage.pass(1_500);
    await stage.type(Key.esc, " ", "1");
    const before = /paused ([\d:.]+)/.exec(stage.text)![1]!;
    await stage.type("5");
    await stage.pass(2_000);
    expect(stage.text).toContain(`paused ${before}`);
  });

  test("at full speed a lab without traffic ends after 100 days, with a sentence", async () => {
    stage = await Stage.open("bridge-xl.yaml", 100, 30, { life: false });
    await stage.type(" ");
    await stage.pass(2_000);
    await stage.type(..."++++++");
    for (let i = 0; i < 400 && !stage.text.includes("100 days"); i++) await stage.pass(66);
    expect(stage.text).toContain("100 days have passed in the lab");
    await stage.type(".");
    expect(stage.text).toContain("nothing is left to happen");
  });

  test("^C ends what runs, although the lab stands", async () => {
    await played();
    await stage.type("5", "ping 192.168.1.1\r");
    await stage.pass(1_500);
    await stage.type(Key.esc, " ", "i", Key.ctrl("c"));
    await stage.pass(500);
    expect(stage.text).toContain("packets transmitted");
    expect(stage.text).toContain("‖ paused");
  });

  test("a shell that was asked for before its machine was there opens when it is", async () => {
    stage = await Stage.open("bridge-xl.yaml", 100, 30);
    await stage.type("5");
    await stage.pass(200);
    await stage.type(Key.esc, " ");
    await stage.pass(2_000);
    await stage.type("l", "l");
    await stage.pass(500);
    expect(stage.text).toContain("root@web2:~#");
  });
});
