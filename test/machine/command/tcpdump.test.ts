/** tcpdump: its lines and counts beside the real one, and its files read by the real one. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { copyGraph } from "../../../src/engine/copy.ts";
import { ms, seconds } from "../../../src/engine/time.ts";
import { RegularFile } from "../../../src/machine/files.ts";
import type { Machine } from "../../../src/machine/machine.ts";
import type { Process } from "../../../src/machine/process.ts";
import { judges } from "../../kit/fidelity.ts";
import { canMakeNamespaces, type NetNamespace } from "../../kit/netns.ts";
import { output, requireTool } from "../../kit/tools.ts";
import { runFor, typed } from "../on-machine.ts";
import { emulatedPair, type Pair, realPair, removePair } from "./pair-lab.ts";

judges("tcpdump");

/** The real tool runs in real time: on a busy machine one of its time-outs may strike early. */
const IN_REAL_TIME = { retry: 2 };

/** What is captured: the neighbour is asked for first, then a ping to the other host and one to ourselves. */
const TRAFFIC = ["ip neigh flush all", "ping -c2 -i0.2 10.0.0.2", "ping -c1 10.0.0.1", "ping -c1 -s 2000 10.0.0.2"];

const LIVE = [
  "tcpdump -i a0 -nn",
  "tcpdump -nn",
  "tcpdump -i a0 -nn -e",
  "tcpdump -i a0 -nn -v icmp",
  "tcpdump -i a0 -n -t arp or icmp",
  "tcpdump -i a0 -nn -c2 icmp",
  "tcpdump -i a0 -nn -c1 -x icmp",
  "tcpdump -i a0 -nn -Q in -c1 icmp",
  "tcpdump -i a0 -nn -p -# icmp",
  "tcpdump -i a0 -nn -ttt icmp",
  "tcpdump -i a0 -nn -s 60 icmp and greater 1000",
  "tcpdump -i lo -nn",
  "tcpdump -i any -nn icmp",
  "tcpdump -i any -nn -e icmp",
  "tcpdump -i a0 -nn port 99",
];

const WRONG = [
  "tcpdump -h",
  "tcpdump --version",
  "tcpdump -c",
  "tcpdump -c x",
  "tcpdump -c 0",
  "tcpdump -s 262145",
  "tcpdump -s x",
  "tcpdump -i a0 -Q foo",
  "tcpdump -i nosuch",
  "tcpdump -i a0 foo",
  "tcpdump -i a0 icmp and",
  "tcpdump -i a0 '(icmp'",
  "tcpdump -i a0 icmp arp",
  "tcpdump -i a0 port 99999",
  "tcpdump -i a0 -w /nosuch/file",
  "tcpdump -r /nosuch",
];

/** Times, ids and pids of the moment; the hexadecimal rows that hold them; the OpenSSL that only the real one has. */
const comparable = (text: string): string =>
  text
    .replaceAll(/^( *\d+ {2})? ?\d\d:\d\d:\d\d\.\d{6}/gm, "$1TIME")
    .replaceAll(/ id \d+/g, " id N")
    .replaceAll(/^OpenSSL.*\n/gm, "")
    .replaceAll(/^(\t0x00[0-5]0: ).*$/gm, "$1...");

describe.runIf(requireTool("tcpdump") && canMakeNamespaces())("beside the real tcpdump", IN_REAL_TIME, () => {
  let real: Pair<NetNamespace>;
  let ours: Pair<Machine>;
  beforeAll(() => {
    real = realPair();
    ours = emulatedPair();
    // Who answers never asks: no ARP at moments that depend on chance.
    const known = "ip neigh add 10.0.0.1 lladdr 02:00:00:00:00:0a dev b0 nud permanent";
    real.there.prepare(known);
    expect(typed(ours.there, known)).toMatchObject({ code: 0, err: "" });
  });
  afterAll(() => removePair(real));

  function capturedByReal(line: string): { out: string; err: string } {
    const traffic = TRAFFIC.map((each) => `${each} >/dev/null 2>&1`).join("; ");
    const script = `timeout -s INT 2 ${line} >$D/out 2>$D/err & sleep 0.4; ${traffic}; wait`;
    const folder = mkdtempSync(join(tmpdir(), "xenlab-"));
    try {
      real.here.run(script.replaceAll("$D", folder));
      const read = (name: string): string => output("cat", [join(folder, name)]);
      return { out: read("out"), err: read("err") };
    } finally {
      rmSync(folder, { recursive: true });
    }
  }

  function capturedByUs(line: string): { out: string; err: string } {
    const { here } = ours;
    const child = here.spawn(line.split(" "));
    runFor(here, ms(500));
    for (const each of TRAFFIC) typed(here, each);
    runFor(here, ms(300));
    child.signal("INT");
    runFor(here, ms(10));
    return { out: child.console!.text("stdout"), err: child.console!.text("stderr") };
  }

  /** The real one counts what the kernel had for it when it stopped, printed or not. */
  const counted = (text: string): string => text.replace(/^\d+ packets? received/m, "N packets received");

  test.each(LIVE)("%s", (line) => {
    const theirs = capturedByReal(line);
    const { out, err } = capturedByUs(line);
    expect(comparable(out)).toBe(comparable(theirs.out));
    expect(counted(err)).toBe(counted(theirs.err));
  });

  test.each(WRONG)("%s", (line) => {
    const theirs = real.here.run(line);
    const { out, err, code } = typed(ours.here, line);
    expect({ out: comparable(out), err: comparable(err), code }).toEqual({
      out: comparable(theirs.out),
      err: comparable(theirs.err),
      code: theirs.code,
    });
  });
});

/** The bytes of a file that an emulated machine has written. */
function fileOf(machine: Machine, path: string): Uint8Array {
  const file = machine.files.file(path);
  if (!(file instanceof RegularFile)) throw new Error(`${path} is no file`);
  return file.readBytes();
}

function ended(machine: Machine, child: Process): Process {
  child.signal("INT");
  runFor(machine, ms(10));
  expect(child.exitCode).toBe(0);
  return child;
}

describe("files", () => {
  const STYLES = [
    "-nn",
    "-nn -e",
    "-nn -v -t",
    "-nn -tt",
    "-nn -ttt",
    "-nn -tttt",
    "-nn -ttttt -#",
    "-nn -X",
    "-nn -xx -e",
  ];

  test.runIf(requireTool("tcpdump"))(
    "what -w writes, the real one prints as we print it live and from the file",
    () => {
      const { here } = emulatedPair();
      const writing = here.spawn(["tcpdump", "-i", "a0", "-w", "/tmp/a.pcap"]);
      const printing = STYLES.map((style) => here.spawn(["tcpdump", "-i", "a0", "-S", ...style.split(" ")]));
      runFor(here, ms(100));
      for (const line of TRAFFIC) typed(here, line);
      ended(here, writing);
      const folder = mkdtempSync(join(tmpdir(), "xenlab-"));
      const path = join(folder, "a.pcap");
      try {
        writeFileSync(path, fileOf(here, "/tmp/a.pcap"));
        for (const [i, style] of STYLES.entries()) {
          const theirs = output("tcpdump", ["-r", path, "-S", ...style.split(" ")]);
          const live = ended(here, printing[i]!).console!.text("stdout");
          expect(live).toBe(`${theirs}\n`);
          expect(typed(here, `tcpdump -r /tmp/a.pcap -S ${style}`).out).toBe(theirs);
        }
        expect(fileOf(here, "/tmp/a.pcap").slice(0, 24)).toEqual(
          Uint8Array.from([0xd4, 0xc3, 0xb2, 0xa1, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 0, 1, 0, 0, 0]),
        );
        expect(typed(here, "tcpdump -nn -r /tmp/a.pcap -c1 icmp").err).toBe(
          "reading from file /tmp/a.pcap, link-type EN10MB (Ethernet), snapshot length 262144\n",
        );
      } finally {
        rmSync(folder, { recursive: true });
      }
    },
  );

  test.runIf(requireTool("tcpdump"))("a file cut anywhere gets the real sentence", () => {
    const { here } = emulatedPair();
    const writing = here.spawn(["tcpdump", "-i", "a0", "-U", "-w", "/tmp/a.pcap"]);
    runFor(here, ms(100));
    typed(here, "ping -c1 10.0.0.2");
    ended(here, writing);
    const whole = fileOf(here, "/tmp/a.pcap");
    const folder = mkdtempSync(join(tmpdir(), "xenlab-"));
    const path = join(folder, "cut.pcap");
    try {
      for (const length of [0, 3, 23, 24, 30, 41, 100, whole.length - 1]) {
        writeFileSync(path, whole.slice(0, length));
        here.files.write("/tmp/cut.pcap", whole.slice(0, length));
        const real = spawnSync("tcpdump", ["-nn", "-r", path], {
          encoding: "utf8",
          env: { ...process.env, TZ: "UTC" },
        });
        const ours = typed(here, "tcpdump -nn -r /tmp/cut.pcap");
        expect({ ...ours, took: 0 }).toEqual({
          out: real.stdout,
          err: real.stderr.replaceAll(path, "/tmp/cut.pcap"),
          code: real.status,
          took: 0,
        });
      }
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describe("alone", () => {
  test("what is no capture file is said to be none", () => {
    const { here } = emulatedPair();
    expect(typed(here, "tcpdump -r /etc/hosts")).toMatchObject({ err: "tcpdump: unknown file format\n", code: 1 });
  });

  test("the device is promiscuous while it runs, unless told not to be", () => {
    const { here } = emulatedPair();
    const a0 = here.table.find("a0")!;
    const before = here.table.log.lines.length;
    for (const [line, count] of [
      ["tcpdump -i a0", 1],
      ["tcpdump -i a0 -p", 0],
      ["tcpdump -i any", 0],
    ] as const) {
      const child = here.spawn(line.split(" "));
      runFor(here, ms(50));
      expect(a0.promiscuity).toBe(count);
      ended(here, child);
      expect(a0.promiscuity).toBe(0);
      expect(a0.tx.taps.listeners).toBe(null);
    }
    expect(here.table.log.lines.slice(before).map(({ text }) => text)).toEqual([
      "device a0 entered promiscuous mode",
      "device a0 left promiscuous mode",
    ]);
  });

  test("when its device goes it says so and ends", () => {
    const { here } = emulatedPair();
    const child = here.spawn(["tcpdump", "-i", "a0"]);
    runFor(here, ms(50));
    typed(here, "ip link del a0");
    expect(child.exitCode).toBe(1);
    expect(child.console!.text("stderr")).toMatch(
      /tcpdump: pcap_loop: The interface disappeared\n0 packets captured\n/,
    );
  });

  test("a reader that goes away ends it", () => {
    const { here } = emulatedPair();
    const { code, out } = typed(
      here,
      "tcpdump -i a0 -nn | head -1 & sleep 0.1; ping -c3 -i0.2 10.0.0.2 >/dev/null; wait",
    );
    expect(code).toBe(0);
    expect(out.split("\n").filter((line) => line.includes("ARP") || line.includes("ICMP"))).toHaveLength(1);
    expect([...here.processes.values()].filter((each) => each.name === "tcpdump")).toEqual([]);
  });

  test.each([
    ["tcpdump -i a0 -w -", "tcpdump: - as a file: not modelled, streams carry text\n"],
    ["tcpdump -i a0 -A", "tcpdump: -A: not modelled\n"],
    ["tcpdump --count", "tcpdump: --count: not modelled\n"],
    ["tcpdump -i any -w x", "tcpdump: -i any together with -w: not modelled\n"],
  ])("%s is refused", (line, err) => {
    expect(typed(emulatedPair().here, line)).toMatchObject({ err, code: 1 });
  });

  test("a copy of the lab goes on with the same output and the same file", () => {
    const { here, there } = emulatedPair();
    const showing = here.spawn(["tcpdump", "-i", "any", "-nn", "-e"]);
    const writing = here.spawn(["tcpdump", "-i", "a0", "-w", "/tmp/x.pcap"]);
    const pinging = here.spawn(["ping", "-c5", "-i0.3", "10.0.0.2"]);
    runFor(here, ms(700));
    const twin = copyGraph({ here, there, showing, writing, pinging });
    const rest = (each: { here: Machine; showing: Process; writing: Process }): [string, Uint8Array] => {
      runFor(each.here, seconds(2));
      ended(each.here, each.showing);
      ended(each.here, each.writing);
      return [each.showing.console!.text(), fileOf(each.here, "/tmp/x.pcap")];
    };
    const [text, bytes] = rest({ here, showing, writing });
    expect(text).toContain("12 packets captured");
    expect(rest(twin)).toEqual([text, bytes]);
  });
});
