/** The same lines on a machine of ours and in a real bash with the real text tools: same output, same exit code. */
// biome-ignore-all lint/suspicious/noTemplateCurlyInString: shell lines
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { seconds } from "../../../src/engine/time.ts";
import { newMachine, runFor } from "../on-machine.ts";

const LINES = [
  "echo hello world",
  "echo a; echo b",
  "true && echo yes || echo no",
  "false && echo yes || echo no",
  "false || true && echo both",
  "! true; echo $?",
  "! false && echo negated",
  "false; echo $?",
  "nosuch; echo $?",
  "nosuch 2>/dev/null; echo $?",
  "./nosuch; echo $?",
  "/tmp; echo $?",
  "echo x > f; ./f; echo $?",
  "x=1; echo $x ${x} '$x' \"$x\"",
  "x='a   b'; echo $x; echo \"$x\"",
  "x=5 env | grep ^x=; echo [$x]",
  "export y=7; env | grep ^y=",
  "y=8; sh -c 'echo [$y]'; export y; sh -c 'echo [$y]'",
  "echo ${none:-fall back} ${none}",
  "unset HOME; echo [$HOME]",
  "cd /tmp; pwd; cd -; pwd; cd /nope; echo $?",
  "cd /etc/hosts",
  "cd a b",
  "(cd /tmp; pwd); pwd",
  "(exit 3); echo $?",
  "{ echo a; echo b; } | cat -n",
  "(echo a; echo b >&2) 2>/dev/null",
  "x=1; (x=2; echo $x); echo $x",
  "x=1; { x=2; }; echo $x",
  "echo x | x=2; echo [$x]",
  "echo a | cat | cat | wc -c",
  "seq 1 5 | head -2",
  "seq 1 100000 | head -1",
  "seq 1 20 | tail -n 3 | sort -r",
  "printf 'b\\na\\nb\\n' | sort | uniq -c",
  "printf 'a:b:c\\nd:e\\n' | cut -d: -f2",
  "echo one > f; echo two >> f; cat f; cat < f; wc -l f",
  "echo a > f; cat f f | grep -c a",
  "cat nofile > g; echo $?; cat g",
  "cat < nofile; echo $?",
  "echo hi > nodir/f; echo $?",
  "echo err >&2 | cat; echo $?",
  "nosuch 2>&1 | wc -l",
  "ls nofile 2>&1",
  "ls nofile > out 2>&1; cat out",
  "ls nofile &> out; cat out",
  "echo to-both | tee t1 t2; cat t1 t2",
  "mkdir -p d/e/f; touch d/x; ls d; ls d/e",
  "mkdir d2; mkdir d2; echo $?; rm d2; rm -r d2; ls d2",
  "echo x > a1; cp a1 a2; mv a1 a3; ls; cat a2 a3",
  "true | false; echo $?; false | true; echo $?",
  "sleep 0.2 & wait; echo waited",
  "sleep 0.05 | cat; echo done",
  "sleep 0.3 & sleep 0.1; echo first; wait; echo last",
  "sh -c 'exit 7'; echo $?",
  "sh -c 'echo $0 $1 $2 $#' zero one 'two words'",
  "bash -c 'nosuch'; echo $?",
  "exit 5",
  "exit foo",
  "exit 1 2; echo still here",
  "echo a &&",
  "; ls",
  "echo a ; ; echo b",
  "echo b)",
  "ls | | cat",
  "echo > ",
  "echo 'open",
  "echo start\n; bad",
  "echo ${x!y}; echo next",
  "echo one # comment\necho two",
  'echo "multi\nline"\nnosuch\n',
  "kill -9 99999999; echo $?",
  "kill %3",
  "wait 77; echo $?",
  "export 1x=2; echo $?",
  "export -z",
  "timeout 0.1 sleep 5; echo $?",
  "sleep 5 & kill $!; wait $!; echo $?",
  "echo echo sourced '$x' > s; x=9; . ./s",
  "echo 'echo script $0 $1; nosuch' > s; bash s arg; chmod +x s; ./s 2>/dev/null; echo $?",
  "echo -n a; echo -e 'b\\tc\\n\\x41\\0101'; echo -x -e",
  "printf '%s-%5d|%-5s|%05.1f|%x\\n' a 3 b 2.26 255; printf '%d\\n' x",
  "env -i A=1 B=2 env; env -u HOME NOPE=1 nosuch",
  "echo $$ | grep -q '^[0-9]*$' && echo pid",
  "sleep 3 & sleep 2 & jobs; kill %1 %2; wait",
];

const scratch = mkdtempSync(join(tmpdir(), "xenlab-bash-"));
afterAll(() => rmSync(scratch, { recursive: true }));

function real(line: string): { out: string; err: string; code: number | null } {
  const cwd = mkdtempSync(join(scratch, "run-"));
  const environment = { PATH: process.env["PATH"]!, HOME: cwd, LC_ALL: "C" };
  const done = spawnSync("bash", ["-c", line], { cwd, env: environment, encoding: "utf8", input: "" });
  return { out: done.stdout.replaceAll(cwd, "/root"), err: done.stderr.replaceAll(cwd, "/root"), code: done.status };
}

function ours(line: string): { out: string; err: string; code: number | null } {
  const machine = newMachine();
  const run = machine.spawn(["bash", "-c", line]);
  run.console!.input.end();
  runFor(machine, seconds(10));
  return { out: run.console!.text("stdout"), err: run.console!.text("stderr"), code: run.exitCode };
}

const hasBash = ((): boolean => {
  try {
    return execFileSync("bash", ["--version"], { encoding: "utf8" }).includes("version 5.");
  } catch {
    return false;
  }
})();

describe.skipIf(!hasBash)("as bash does it", () => {
  test.each(LINES)("%s", (line) => {
    expect(ours(line)).toEqual(real(line));
  });
});
