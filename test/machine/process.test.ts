import { describe, expect, test } from "vitest";
import { copyGraph } from "../../src/engine/copy.ts";
import { ms, seconds, us } from "../../src/engine/time.ts";
import { Console } from "../../src/machine/console.ts";
import type { Machine } from "../../src/machine/machine.ts";
import { EXEC_COST, type Process, Program } from "../../src/machine/process.ts";
import { PIPE_CAPACITY, PIPE_LIMIT, Pipe } from "../../src/machine/stream.ts";
import { newMachine, runFor, started, typed } from "./on-machine.ts";

describe("time", () => {
  test("an exec costs, a builtin does not", () => {
    const machine = newMachine();
    expect(started(machine, "uname").took).toBe(EXEC_COST);
    expect(started(machine, "echo", "x").took).toBe(0);
    expect(machine.cpus[0]!.spent).toBe(EXEC_COST);
  });

  test("sleep takes what it says, and pids only grow", () => {
    const machine = newMachine();
    const first = machine.spawn(["sleep", "1.5"]);
    const second = machine.spawn(["sleep", "0"]);
    runFor(machine, seconds(2));
    expect(first.endedAt).toBe(seconds(1.5) + EXEC_COST);
    expect(second.pid).toBe(first.pid + 1);
    expect(machine.processes.size).toBe(0);
  });

  test("a paused machine runs nothing, and goes on where it was", () => {
    const machine = newMachine();
    const run = machine.run("sleep 100; echo slept");
    runFor(machine, ms(500));
    machine.pause();
    expect(machine.paused).toBe(true);
    run.signal("INT");
    runFor(machine, seconds(60));
    expect(run.hasEnded).toBe(false);
    machine.unpause();
    runFor(machine, ms(10));
    expect(run.exitCode).toBe(130);
    const late = machine.run("echo late");
    machine.pause();
    runFor(machine, seconds(1));
    expect(late.console!.text()).toBe("");
    machine.unpause();
    runFor(machine, ms(10));
    expect(late.console!.text()).toBe("late\n");
  });
});

describe("signals", () => {
  test("unhandled ones end a process with 128 + n", () => {
    const machine = newMachine();
    for (const [name, code] of [
      ["TERM", 143],
      ["KILL", 137],
      ["HUP", 129],
      ["INT", 130],
    ] as const) {
      const victim = machine.spawn(["sleep", "100"]);
      runFor(machine, ms(10));
      expect(machine.kill(victim.pid, name)).toBe(true);
      runFor(machine, ms(1));
      expect([victim.exitCode, victim.killedBy]).toEqual([code, name]);
    }
    expect(machine.kill(99_999)).toBe(false);
  });

  test("control-C ends the foreground job and the line with it", () => {
    const machine = newMachine();
    const run = machine.run("sleep 100 | cat; echo not reached");
    runFor(machine, ms(20));
    run.signal("INT");
    runFor(machine, ms(20));
    expect(run.exitCode).toBe(130);
    expect(run.console!.text("stdout")).toBe("");
    expect(machine.processes.size).toBe(0);
  });

  test("a job that handles control-C lets the line go on", () => {
    const machine = newMachine();
    const run = machine.run("echo before");
    runFor(machine, ms(5));
    const polite = machine.spawn(["polite"], { program: new Polite(), console: run.console! });
    runFor(machine, ms(5));
    polite.signal("INT");
    runFor(machine, ms(5));
    expect([polite.exitCode, polite.killedBy]).toEqual([0, null]);
    expect(run.console!.text()).toBe("before\nstatistics\nsaid good-bye\n");
  });

  test("shutting a machine down leaves no process", () => {
    const machine = newMachine();
    machine.run("sleep 5 | cat & sleep 9");
    runFor(machine, ms(20));
    expect(machine.processes.size).toBe(4);
    machine.shutDown();
    runFor(machine, seconds(20));
    expect(machine.processes.size).toBe(0);
  });
});

class Polite extends Program {
  start(): void {}
  override signal(): void {
    this.process.print("statistics\n");
    this.process.exit(0);
  }
  override ended(): void {
    this.process.stderr.write("said good-bye\n");
  }
}

describe("pipes", () => {
  test("a reader that leaves ends the writer with SIGPIPE", () => {
    const machine = newMachine();
    const pipe = new Pipe();
    const writer = machine.spawn(["seq", "1000000"], { stdout: pipe, stderr: new Pipe() });
    const reader = machine.spawn(["head", "-1"], { stdin: pipe });
    runFor(machine, seconds(1));
    expect([reader.exitCode, reader.console!.text()]).toEqual([0, "1\n"]);
    expect([writer.exitCode, writer.killedBy]).toEqual([141, "PIPE"]);
  });

  test("a polite writer never has more than a little over the capacity under way", () => {
    const machine = newMachine();
    const pipe = new Pipe();
    const reader = machine.spawn(["sleep", "1"], { stdin: pipe });
    const writer = machine.spawn(["seq", "1000000"], { stdout: pipe, stderr: new Pipe(), parent: reader });
    runFor(machine, ms(500));
    expect(writer.hasEnded).toBe(false);
    const held = pipe.read()!.length;
    expect(held).toBeGreaterThanOrEqual(PIPE_CAPACITY);
    expect(held).toBeLessThan(PIPE_CAPACITY + 10_000);
  });

  test("what outruns a pipe is kept, up to a limit", () => {
    const machine = newMachine();
    const pipe = new Pipe();
    pipe.retainReader(machine.spawn(["sleep", "1"]));
    expect(pipe.write("x".repeat(PIPE_LIMIT))).toBeNull();
    expect(pipe.write("y")?.text).toBe("Cannot allocate memory");
  });

  test("lines come one by one, the last one without its end", () => {
    const pipe = new Pipe();
    pipe.type("one\ntw");
    expect([pipe.readLine(), pipe.readLine()]).toEqual(["one\n", ""]);
    pipe.type("o\nthree");
    pipe.end();
    expect([pipe.readLine(), pipe.readLine(), pipe.readLine()]).toEqual(["two\n", "three", null]);
  });
});

describe("console", () => {
  test("chunks carry time and stream, and are pulled once", () => {
    const machine = newMachine();
    const run = machine.run("echo a; nosuch; sleep 1; echo b");
    runFor(machine, ms(10));
    const first = run.console!.since(0);
    expect(first.chunks).toEqual([
      { time: EXEC_COST, stream: "stdout", text: "a\n" },
      { time: EXEC_COST + us(5), stream: "stderr", text: "bash: nosuch: command not found\n" },
    ]);
    runFor(machine, seconds(2));
    expect(run.console!.since(first.next).chunks.map((chunk) => chunk.text)).toEqual(["b\n"]);
  });

  test("it says aloud what it had to forget", () => {
    const console = new Console(newMachine().world.scheduler, 1000);
    for (let i = 0; i < 300; i++) console.push("stdout", `line ${i} ....\n`);
    const { chunks } = console.since(0);
    expect(console.text().length).toBeLessThanOrEqual(1000);
    expect(chunks[0]).toMatchObject({
      stream: "note",
      text: `[${console.forgotten} characters of earlier output forgotten]\n`,
    });
    expect(chunks.at(-1)!.text).toBe("line 299 ....\n");
  });

  test("an interactive shell reads what is typed and keeps its directory", () => {
    const machine = newMachine();
    const shell = machine.spawn(["bash", "-i"]);
    runFor(machine, ms(10));
    for (const text of ["cd /tm", "p\n", "pwd\n", "echo 'two\n", "lines'\n", "; bad\n", "cat\n", "typed\n"]) {
      shell.console!.input.type(text);
      runFor(machine, ms(10));
    }
    shell.signal("INT");
    runFor(machine, ms(10));
    shell.console!.input.type("echo $?; exit 4\n");
    runFor(machine, ms(10));
    expect(shell.exitCode).toBe(4);
    expect(shell.console!.text("stdout")).toBe("/tmp\ntwo\nlines\ntyped\n130\n");
    const prompt = "root@vm:/tmp# ";
    expect(shell.console!.text("stderr")).toBe(
      `root@vm:~# ${prompt}${prompt}> ${prompt}bash: syntax error near unexpected token \`;'\n${prompt}\n${prompt}exit\n`,
    );
  });
});

describe("copy", () => {
  const ends = (machine: Machine, run: Process): unknown => {
    runFor(machine, seconds(5));
    return [run.console!.since(0), run.exitCode, run.endedAt, machine.cpus[0]!.spent];
  };

  test.each([
    "sleep 1 | cat; echo done",
    "seq 1 30000 | (sleep 1; wc -l) && watch -n 1 date",
    "sleep 1 & wait; ls /; dmesg -w",
  ])("in the middle of %s both run on alike", (line) => {
    const machine = newMachine();
    const run = machine.run(line);
    runFor(machine, ms(400));
    const twin = copyGraph({ machine, run });
    const original = ends(machine, run);
    expect(ends(twin.machine, twin.run)).toEqual(original);
    expect(twin.run.console!.text()).not.toBe("");
  });
});

test("whoever waits for an unknown command gets 127", () => {
  expect(started(newMachine(), "nosuch")).toMatchObject({ err: "nosuch: command not found\n", code: 127 });
  expect(typed(newMachine(), "help nosuch").code).toBe(1);
});
