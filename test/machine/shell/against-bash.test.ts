/** The same lines on a machine of ours and in a real bash with the real text tools: same output, same exit code. */
// biome-ignore-all lint/suspicious/noTemplateCurlyInString: shell lines
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { ms, seconds } from "../../../src/engine/time.ts";
import { judges } from "../../kit/fidelity.ts";
import { requireTool } from "../../kit/tools.ts";
import { newMachine, runFor } from "../on-machine.ts";

judges("shell");

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
  "echo $UID ${EUID}; cd /tmp; echo $PWD",
  'cd /etc; [ "$PWD" = "$(pwd)" ] && [ -n "$HOSTNAME" ] && echo "$IFS" | wc -c',
  "PWD=elsewhere; echo $PWD; IFS=:; echo [$IFS]",
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

/** What scripts are made of. Those that dash knows too are judged beside it as well, sentences aside. */
const SCRIPTS = [
  "for i in 1 2 3; do echo n $i; done; echo $i $?",
  "for i in a b; do for j in x y; do echo $i$j; done; done | sort -r",
  "for i in; do echo never; done; echo $?",
  "for f in *; do echo [$f]; done",
  "touch b a .c; mkdir d; touch d/x; echo * ; echo */x; echo [ab] [!a] ?; echo .*c; echo nosuch*; echo '*' \"*\" \\*",
  "touch 'a b'; for f in a*; do echo \"<$f>\"; done; x='a*'; echo $x \"$x\"",
  "sh -c 'for i; do echo $i; done' zero one 'two words'",
  "i=0; while [ $i -lt 3 ]; do i=$((i + 1)); echo $i; done; echo end $i",
  "i=3; until [ $i -eq 0 ]; do i=$((i - 1)); [ $i = 1 ] && continue; echo $i; done; echo $?",
  "for i in 1 2 3 4; do [ $i = 3 ] && break; echo $i; done; echo out",
  "for i in 1 2; do for j in 1 2; do [ $j = 2 ] && continue 2; echo $i$j; done; done; for i in 1; do while true; do break 2; done; done; echo out",
  "while false; do echo x; done; echo $?",
  "while true; do exit 4; done",
  "if true; then echo yes; fi; if false; then echo a; elif true; then echo b; else echo c; fi; if false; then echo d; fi; echo $?",
  "if ! false; then echo negated; fi",
  "! if true; then false; fi; echo $?; if false\nthen echo 1\nelse\necho 2\nfi",
  "if true; then\necho in > f\nfi; cat f; if true; then echo red; fi > g; cat g",
  "case foo.txt in *.md) echo md;; *.txt | *.log) echo text;; *) echo other; esac",
  "x='a b'; case $x in 'a b') echo equal;; esac; case abc in a?c) echo q;; esac; case a in b) echo no;; esac; echo $?",
  "case '*' in '*') echo star;; esac; case x in '*') echo no;; *) echo any;; esac; case y in [!a-x]) echo set; esac; case 7 in [[:digit:]]) echo digit;; esac",
  'x=$(echo a; echo b); echo "$x"; echo $x; echo [$(true)]',
  'echo `echo back \\`echo tick\\``; echo "$(echo "in  quotes")"',
  "x=$(false); echo $?; x=$(exit 7) true; echo $?; echo $(exit 3); echo $?",
  "echo $(for i in 1 2; do echo $(( i * 10 )); done) | cat; y=${none:-$(echo made)}; echo $y",
  "x=1; y=$(x=2; echo $x); echo $x $y; echo $(pwd | wc -l)",
  "echo ${none:-$(echo one >&2; echo two)}; set_=1; echo ${set_:-$(echo never >&2)}",
  "cat < $(echo /etc/hostname) > /dev/null && echo read; echo x > $(echo out); cat out",
  "echo $((1 + 2 * 3)) $(( (1 + 2) * 3 )) $((7 / 2)) $((-7 / 2)) $((7 % 3)) $((0x10 + 010)) $((1 << 4 | 3))",
  "x=5; echo $((x)) $(($x + 1)) $((x > 3 ? 10 : 20)) $((!x)) $((~x)) $((x == 5 && none == 0))",
  "echo $((1 / 0)); echo next",
  'cat <<EOF\nplain $((1 + 1)) $(echo sub) "quoted" \\$x\nEOF\necho after',
  "x=v; cat <<'EOF'\n$x $(echo no)\nEOF\ncat <<-EOF\n\t$x\n\tEOF\necho end",
  "cat <<A; cat <<B\none\nA\ntwo\nB",
  'while read a b; do echo "$b:$a"; done <<EOF\n1 2 3\n  4   5  \nEOF\necho ${a:-empty}',
  "printf 'a b c\\nd e\\n' | while read p q; do echo \"$q:$p\"; done; echo x | { read v; echo got $v; }; echo [$v]",
  "printf 'k=v w\\n' > f; IFS== read k v < f; echo \"$k|$v\"; read -r x < f; echo $x; read y < /dev/null; echo $?",
  "printf '1\\n2\\n' > f; n=0; while read l; do n=$((n + l)); done < f; echo $n",
  'x=a:b::c; IFS=:; for p in $x; do echo "<$p>"; done',
  'p=/etc/xen/web1.cfg; echo ${p##*/} ${p%/*} ${p%.cfg} ${p#*/} ${p%%/*}- ${#p}; echo ${p#"/etc"} "${p%.*}"',
  "echo ${a-unset} ${a+set} ${a:=given} $a ${a:+alt}; b=; echo [${b-x}] [${b:-x}] [${b+x}] [${b:+x}]",
  "echo ${gone:?is missing}; echo next",
  "HOME=/h; echo ~ ~/x '~' a~; cd /; echo ~",
  "[ -f /etc/hosts ]; echo $?; [ -d /etc -a ! -f /etc ]; echo $?; [ -z '' ] && [ -n x ] && echo both; test 3 -gt 2; echo $?",
  "[ a = b -o b = b ]; echo $?; [ '(' x = y ')' -o ! '' ]; echo $?; [ ]; echo $?; [ x ]; echo $?; [ 1 -lt 1 ]; echo $?",
  "eval 'x=3; echo' '$x'; y='echo deep'; eval $y",
  "{ echo a; echo b; } > f; cat f; x=1; { x=2; } > f; echo $x",
  "(for i in 1 2; do echo $i; done) | (while read x; do echo got $x; done)",
  "for i in 1 2; do sleep 0.05; echo $i; done & wait; echo done",
  "for i in 1 2 3; do echo $i; done > f; wc -l < f",
  "for i in $(seq 1 3); do echo -n $i,; done; echo",
  "if [ $(echo 1) -eq 1 ]; then echo eq; fi; while [ $(cat n 2>/dev/null | wc -l) -lt 2 ]; do echo l >> n; done; cat n",
];

/** Where bash has its own sentence, or what dash does not know. */
const BASH_SCRIPTS = [
  "bash -c 'shift; echo $1 $#; shift 5; echo $?' z a b",
  "n=0; while read l; do n=$((n + 1)); done < /etc/protocols_nosuch; echo $? $n",
  "echo {a,b}{1..3} x{1..3..2}y {3..1} {a..c} {01..03} {a,'b c'} {x} {a,} '{q,r}' {,}",
  "[ a -eq 1 ]; echo $?; [ x; echo $?; [ a b ]; echo $?; [ a b c ]; echo $?; [ -f a b c d e ]; echo $?",
  "break; continue; echo $?",
  "for i in a; do echo $i",
  "if true; then echo x",
  "while true; done",
  "for 1x in a; do echo; done",
  "fi",
  "case x in a) echo b",
  "echo $(echo a",
  "done; echo x",
  "for i in a b; echo $i; done",
  "read 1x; echo $?; read -r 2>&1 < /dev/null; echo $?",
  "if false; then; fi",
  "echo $((1 +)); echo next",
  "for i in 1 2; do nosuch $i; done",
];

const scratch = mkdtempSync(join(tmpdir(), "xenlab-bash-"));
afterAll(() => rmSync(scratch, { recursive: true }));

function real(line: string, shell = "bash"): { out: string; err: string; code: number | null } {
  const cwd = mkdtempSync(join(scratch, "run-"));
  const environment = { PATH: process.env["PATH"]!, HOME: cwd, LC_ALL: "C" };
  const done = spawnSync(shell, ["-c", line], { cwd, env: environment, encoding: "utf8", input: "" });
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
  test.each([...LINES, ...SCRIPTS, ...BASH_SCRIPTS])("%s", (line) => {
    expect(ours(line)).toEqual(real(line));
  });
});

describe.skipIf(!requireTool("dash"))("as dash does it", () => {
  test.each(SCRIPTS)("%s", (line) => {
    const { out } = ours(line);
    expect(out).toBe(real(line, "dash").out);
  });
});

describe("a loop without end", () => {
  test.each(["while true; do :; done", "for i in 1; do until false; do x=$((x + 1)); done; done", "read x"])(
    "%s lets the clock go on, and control-C ends it",
    (line) => {
      const machine = newMachine();
      const run = machine.spawn(["bash", "-c", line]);
      runFor(machine, ms(50));
      expect(run.hasEnded).toBe(false);
      run.signal("INT");
      runFor(machine, seconds(1));
      expect(run.killedBy).toBe("INT");
    },
  );
});
