/** The text tools beside the real ones of this machine: same output, same sentences, same exit codes. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, describe, expect, test } from "vitest";
import { seconds } from "../../src/engine/time.ts";
import { Regex } from "../../src/machine/regex.ts";
import { judges } from "../kit/fidelity.ts";
import { requireTool } from "../kit/tools.ts";
import { newMachine, runFor, typed } from "./on-machine.ts";

judges("shell");

const FILES: Readonly<Record<string, string>> = {
  fruit: "pear\napple\nApple\nbanana 10\nbanana 9\n\napple\n",
  table: "b 10 x\na 9 y\nc 100 x\n",
  passwd: "root:x:0:0:root:/root:/bin/bash\nnobody:x:65534:\nplain\n",
  bare: "no newline at end",
  empty: "",
  vif: "vif1.0 UP\nvif10.0 DOWN\neth0 UP\nxvif1.0\nvif1 vif1.0,vif2.0\n",
};

const LESS_LINES = [
  ...["less fruit table", "less nofile bare", "less -NS +G fruit", "cat table | less", "less -R . table"],
  "cat fruit | less -",
];
/** That of debianutils. */
const WHICH_LINES = [
  ...["which", "which sort nosuch", "which -a sort", "which -x", "which --help", "which /bin/ls ls", "which /no/x"],
];

const LINES = [
  "cat fruit bare fruit",
  "cat -n fruit bare",
  "cat nofile fruit .",
  "cat -z",
  "cat --foo",
  "cat - < bare",
  ...[
    ...["a-z A-Z", "-d a", "-s ab", "-cd 'a-z\\n'", "-cs a-z '\\n'", "-ds l e", "-s a b", "-c a b", "-sc 'a-z\\n' +"],
    ...["'[:lower:]' '[:upper:]'", "-s '[:upper:]' '[:lower:]'", "'[:space:]' _", "-d '[:punct:]'", "'[=a=]' x"],
    ...[
      "abc '[x*]'",
      "a-e '[x*2]y'",
      "a '[x*0]'",
      "'[p*3]' x",
      "'\\141' x",
      "'\\n' ,",
      "a-c-e xyz",
      "a- xy",
      "-- -p x",
    ],
    ...["", "a", "-d", "-ds a", "a b c", "a b c d", "-d a b", "-ds a b c", "-x", "c-a x", "a ''", "-a-c x", "a-"],
    ...["'[:foo:]' x", "a-z '[:upper:]'", "'[:lower:]' '[:digit:]'", "'[x*]' abc", "--complement -d a", "--foo"],
  ].map((words) => `tr ${words} < fruit`),
  "grep apple fruit",
  "grep -i apple fruit",
  "grep -v apple fruit",
  "grep -c a fruit table",
  "grep -n 'a$' fruit",
  "grep -q pear fruit",
  "grep -o 'an*' fruit",
  "grep -w vif1.0 vif",
  "grep -w vif1 vif",
  "grep -ow 'vif[0-9]*' vif",
  "grep -x pear fruit",
  "grep -l a fruit vif empty",
  "grep zzz fruit",
  "grep -E 'pear|ban+(ana)? (9|10)$' fruit",
  "grep 'ap\\{0,1\\}p*l\\?e' fruit",
  "grep -E '^[[:upper:]][^x-z]+e$' fruit",
  "grep -E 'a{2}|(an){2}' fruit",
  "grep -F 'vif1.0' vif",
  "grep -F -e 'a[' fruit",
  "grep '\\bvif1\\b' vif",
  "grep '\\<eth' vif",
  "grep '' empty fruit",
  "grep -h a fruit table",
  "grep -H eth vif",
  "grep -m 2 a fruit",
  "grep -e pear -i fruit",
  "grep '*' fruit",
  "grep -E 'a|b*' fruit",
  "grep 'a\\|^$' fruit",
  "grep -vc a fruit",
  "grep -o . bare",
  "cat fruit | grep apple - vif",
  "grep",
  "grep --foo a",
  "grep a nofile",
  "grep a nofile fruit",
  "grep a .",
  "grep -s a nofile",
  "grep -q a fruit nofile",
  "grep 'a\\(' fruit",
  "grep '[a' fruit",
  "grep -E '(' fruit",
  "grep -E 'a{3,1}' fruit",
  "grep '\\' fruit",
  "grep -E 'x**|pear' fruit",
  "head -n 2 fruit",
  "head -2 fruit",
  "head -c 7 fruit",
  "head -n 1 fruit table",
  "head -qn1 fruit table",
  "head -v -n1 bare",
  "head -n 0 fruit",
  "head -n x fruit",
  "head -n",
  "head nofile fruit",
  "head .",
  "cat fruit | head -n 3",
  "tail -n 2 fruit",
  "tail -1 fruit",
  "tail -n +6 fruit",
  "tail -n 1 fruit bare table",
  "tail bare",
  "tail nofile",
  "tail .",
  "tail -n x fruit",
  "tail --foo",
  "wc fruit",
  "wc -l fruit table",
  "wc -lw bare",
  "wc -c fruit",
  "wc -m fruit",
  "cat fruit | wc",
  "cat fruit | wc -l",
  "wc empty",
  "wc nofile fruit",
  "wc .",
  "wc -z",
  "sort fruit",
  "sort -r fruit",
  "sort -u fruit",
  "sort -f fruit",
  "sort -n table",
  "sort -k 2 -n table",
  "sort -k2,2 table",
  "sort -k3 table",
  "sort -t: -k3 -n passwd",
  "sort -nr -k2 table",
  "sort nofile",
  "sort .",
  "sort --foo",
  "sort fruit table",
  "sort fruit | uniq",
  "sort fruit | uniq -c",
  "sort fruit | uniq -d",
  "sort -f fruit | uniq -i",
  "uniq -u fruit",
  "uniq nofile",
  "uniq -c empty",
  "uniq --foo",
  "cut -d: -f1 passwd",
  "cut -d: -f1,6- passwd",
  "cut -d: -f2 -s passwd",
  "cut -c1-3 fruit",
  "cut -c -2,4 fruit",
  "cut passwd",
  "cut -f0 passwd",
  "cut -f 3-2 passwd",
  "cut -d:: -f1 passwd",
  "cut -f x passwd",
  "cut -b1 nofile",
  "echo a | tee",
  "echo a | tee nodir/x",
  "tee -z < empty",
  "echo b | tee -a bare; cat bare",
  "seq 3",
  "seq 2 4",
  "seq 10 -3 1",
  "seq 1 0.5 3",
  "seq -w 8 10",
  "seq -s, 3",
  "seq 5 1",
  "seq",
  "seq a",
  "seq 1 2 3 4",
  "seq 1 0 5",
  "seq -2 2",
  "seq 0 .25 1",
  "seq -w -1 10",
  "printf 'a\\tb\\n'",
  "printf '%s\\n' a b c",
  "printf '%s=%d\\n' a 1 b 0x1f",
  "printf '%5s|%-5s|%.2s|\\n' ab cd efg",
  "printf '%03d|%+d|% d\\n' 7 7 7",
  "printf '%%|%c|%b\\n' xyz 'p\\tq'",
  "printf '%x %X %o\\n' 255 255 8",
  "printf",
  "printf '%d\\n' 12x",
  "printf '%.2f\\n' 3.14159",
  "printf '\\101\\n'",
  "printf '%s %s\\n' one",
  "echo -e 'a\\cb'; echo '\\n'",
  "echo -E '\\n'",
  "echo -ne 'x\\n'",
  "echo --",
  "echo -n",
  "echo -nx",
  "mkdir",
  "mkdir fruit",
  "mkdir a/b",
  "mkdir -p a/b fruit",
  "mkdir -z",
  "rm",
  "rm nofile",
  "rm -f nofile",
  "rm .hidden fruit; ls",
  "rm -r nofile",
  "mkdir d; rm -d d; ls -d d",
  "mkdir -p d/e; touch d/e/f; rm -r d; ls",
  "cp",
  "cp fruit",
  "cp nofile x",
  "cp fruit copy; cat copy",
  "mkdir d; cp fruit table d; ls d",
  "cp fruit table nodir",
  "mkdir d; cp d e",
  "mkdir d; touch d/x; cp -r d e; ls e",
  "cp fruit fruit",
  "mv",
  "mv fruit",
  "mv nofile x",
  "mv fruit renamed; ls",
  "mkdir d; mv fruit table d; ls . d",
  "mv fruit table nodir",
  "touch",
  "touch nodir/x",
  "touch new; ls",
  "ls",
  "ls -1 fruit table",
  "ls nofile fruit",
  "mkdir d; touch d/.dot d/plain; ls d; ls -a d",
  "mkdir d; ls -d d",
  "ls --foo",
  "mkdir d; ls d fruit",
  "date foo",
  "date --foo",
  "date -u +%%literal",
  "uname -s",
  "uname foo",
  "uname --foo",
  "uname -o",
  "sleep",
  "sleep x",
  "sleep 0.01 0.01",
  "sleep -1",
  "env -i X=1 env",
  "env --foo",
  "env X=1 nosuch",
  "timeout 1",
  "timeout x ls",
  "timeout 1 nosuch",
  "timeout 1 echo in time",
  "timeout -s INT 0.05 sleep 3",
  "true; false",
  "chmod +x nofile",
  "chmod",
  "chmod +x",
  "kill -s NOPE 1",
  "kill abc",
  "kill",
];

/** Of tools that not every machine has, or has another one of. */
const MORE_LINES = [
  ...(requireTool("less") ? LESS_LINES : []),
  ...(spawnSync("which", ["--help"], { encoding: "utf8" }).stdout?.includes("[-a] args") === true ? WHICH_LINES : []),
];

const scratch = mkdtempSync(join(tmpdir(), "xenlab-text-"));
afterAll(() => rmSync(scratch, { recursive: true }));

function real(line: string): unknown {
  const cwd = mkdtempSync(join(scratch, "run-"));
  for (const [name, text] of Object.entries(FILES)) writeFileSync(join(cwd, name), text);
  const environment = { PATH: process.env["PATH"]!, HOME: cwd, LC_ALL: "C" };
  const done = spawnSync("bash", ["-c", line], { cwd, env: environment, encoding: "utf8", input: "" });
  return { out: done.stdout, err: done.stderr, code: done.status };
}

function ours(line: string): unknown {
  const machine = newMachine();
  for (const [name, text] of Object.entries(FILES)) machine.files.write(`/root/${name}`, text);
  const run = machine.spawn(["bash", "-c", line]);
  run.console!.input.end();
  runFor(machine, seconds(10));
  return { out: run.console!.text("stdout"), err: run.console!.text("stderr"), code: run.exitCode };
}

const isLinux = spawnSync("grep", ["--version"], { encoding: "utf8" }).stdout?.includes("GNU") === true;

describe.skipIf(!isLinux)("as the real tools do it", () => {
  test.each([...LINES, ...MORE_LINES])("%s", (line) => {
    expect(ours(line)).toEqual(real(line));
  });
});

describe("regular expressions", () => {
  /** Patterns whose meaning JavaScript and POSIX share, as far as "matches or not" goes. */
  const pattern = fc.stringMatching(/^(\(?[ab.]\)?[*+?]?|[ab]\|[ab]|\[ab\]|\[\^a\]){1,5}$/);

  test("agree with a backtracking matcher on whether a line matches", () => {
    fc.assert(
      fc.property(pattern, fc.string({ unit: fc.constantFrom("a", "b", "c"), maxLength: 8 }), (source, text) => {
        let expected: boolean;
        try {
          expected = new RegExp(source).test(text);
        } catch {
          return;
        }
        const regex = Regex.compile(source, { extended: true, ignoreCase: false });
        expect(regex).toBeInstanceOf(Regex);
        expect((regex as Regex).test(text)).toBe(expected);
        expect((regex as Regex).search(text) !== null).toBe(expected);
      }),
      { numRuns: 2000 },
    );
  });

  test("the longest match wins", () => {
    const regex = Regex.compile("a|ab|abc", { extended: true, ignoreCase: false }) as Regex;
    expect(regex.search("xabcd")).toEqual({ from: 1, to: 4 });
  });

  test("no pattern takes for ever", () => {
    const regex = Regex.compile("(a+)+(a+)+b", { extended: true, ignoreCase: false }) as Regex;
    expect(regex.test("a".repeat(5000))).toBe(false);
    expect(Regex.compile("((a{200}){200}){200}", { extended: true, ignoreCase: false })).toBe(
      "Regular expression too big",
    );
    expect(Regex.compile("(a)\\1", { extended: true, ignoreCase: false })).toBe("back-reference \\1 is not modelled");
  });

  test("compile never throws", () => {
    const nasty = fc.string({ unit: fc.constantFrom(..."ab\\()[]{}*+?|^$.-:1,") });
    fc.assert(
      fc.property(nasty, fc.boolean(), (source, extended) => {
        const regex = Regex.compile(source, { extended, ignoreCase: true });
        if (regex instanceof Regex) regex.search("ab(1)");
        else expect(regex).not.toBe("");
      }),
      { numRuns: 2000 },
    );
  });
});

describe("virtual time", () => {
  test("date, uptime, watch and dmesg show it", () => {
    const machine = newMachine();
    runFor(machine, seconds(3725.173094));
    machine.table.log.print("device eth0 entered promiscuous mode");
    runFor(machine, seconds(0.5));
    expect(typed(machine, "date; date -u '+%F %T.%N %s %j %a'").out).toBe(
      "Mon Jan  1 01:02:05 UTC 2024\n2024-01-01 01:02:05.676099000 1704070925 001 Mon\n",
    );
    expect(typed(machine, "uptime; uptime -p").out).toBe(
      " 01:02:05 up  1:02,  1 user,  load average: 0.00, 0.00, 0.00\nup 1 hour, 2 minutes\n",
    );
    expect(typed(machine, "dmesg; dmesg -T; dmesg -t").out).toBe(
      "[ 3725.173094] device eth0 entered promiscuous mode\n[Mon Jan  1 01:02:05 2024] device eth0 entered promiscuous mode\ndevice eth0 entered promiscuous mode\n",
    );
    expect(typed(machine, "timeout 1.5 watch -n 1 echo hi").out).toBe(
      "Every 1.0s: echo hi                                 vm: Mon Jan  1 01:02:05 2024\n\nhi\n" +
        "Every 1.0s: echo hi                                 vm: Mon Jan  1 01:02:06 2024\n\nhi\n",
    );
  });

  test("dates agree with a real calendar", () => {
    const machine = newMachine();
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 4_000_000_000 }), (epoch) => {
        machine.epoch = epoch - Math.floor(machine.world.scheduler.now / 1e9) - 1;
        const shown = typed(machine, "sleep 0.9999; date -u +%Y-%m-%dT%H:%M:%S").out.trim();
        const now = machine.epoch + Math.floor(machine.world.scheduler.now / 1e9);
        expect(shown).toBe(new Date(now * 1000).toISOString().slice(0, 19));
      }),
    );
  });

  test("dmesg -w goes on with what comes", () => {
    const machine = newMachine();
    const run = machine.run("dmesg -w | grep eth0");
    runFor(machine, seconds(1));
    machine.table.log.print("eth0: link up");
    machine.table.log.print("eth1: link up");
    runFor(machine, seconds(1));
    expect(run.console!.text()).toBe("[    1.000000] eth0: link up\n");
  });
});

describe("the machine's own facts", () => {
  test("uname, hostname, ps", () => {
    const machine = newMachine();
    expect(typed(machine, "uname -a; uname -rn; hostname").out).toBe(
      "Linux vm 6.1.0-18-amd64 #1 SMP PREEMPT_DYNAMIC Debian 6.1.76-1 (2024-02-01) x86_64 GNU/Linux\nvm 6.1.0-18-amd64\nvm\n",
    );
    expect(typed(machine, "ps | cat").out).toMatch(
      /^ {4}PID TTY {10}TIME CMD\n( +\d+ pts\/0 {4}00:00:00 (bash|ps|cat)\n){3}$/,
    );
    expect(typed(machine, "sleep 60 & ps -ef | grep 'sleep 60$'").out).toMatch(
      /^root +\d+ +\d+ {2}0 00:00 pts\/0 {4}00:00:00 sleep 60\n/,
    );
  });

  test("help is the command table", () => {
    const { out } = typed(newMachine(), "help");
    for (const command of newMachine().commands) expect(out).toContain(`${command.name} `);
    expect(typed(newMachine(), "help head").out).toContain("Usage: head [OPTION]... [FILE]...\n");
    expect(typed(newMachine(), "grep --help").out).toContain("-i, --ignore-case");
  });

  test("what is not modelled is refused", () => {
    expect(typed(newMachine(), "tail -f /etc/hosts")).toMatchObject({ code: 1, out: "" });
    expect(typed(newMachine(), "ps aux").err).toContain("not modelled");
  });
});
