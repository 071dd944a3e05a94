// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the braces are the shell's
/** The scenario and the checks of a lab as lines of the exported script. */
import type { Nanos } from "../../../engine/time.ts";
import type { CheckPlan, Plan, ScenarioPlan } from "../../topology/plan.ts";
import type { Happening, Timeline } from "../timeline.ts";
import { leftOut } from "./kill.ts";
import { cablePort } from "./machines.ts";
import type { SetUpLines } from "./setup.ts";
import { isStub } from "./tools.ts";
import { heading, isPlain, onMachine, quote } from "./words.ts";

/** The lab's clock stands at what the emulator's stood at when the set-up was done, whatever it took here. */
export const CLOCK = String.raw`
now() { echo "$((\${EPOCHREALTIME/[.,]/} / 1000))"; }

# until_then MILLISECONDS: waits until the lab's clock says so. What sleeps ends with a script that is killed by kill -9.
until_then() {
  local left=$(($1 - $(now) + began))
  if ((left > 0)); then
    setpriv --pdeathsig KILL sleep "$((left / 1000)).$(printf %03d "$((left % 1000))")" &
    wait $!
  fi
}

# at MILLISECONDS COMMAND...: when the lab's clock says so the command starts, and the next line waits for its own time.
at() {
  until_then "$1"
  shift
  say "$*"
  "$@" &
  playing+=($!)
}

# over NUMBER...: waits until those lines of the scenario have come to their end, as they had in the emulator by now.
over() {
  local each waited
  for each; do
    for ((waited = 0; waited < 600; waited++)); do
      kill -0 "\${playing[each]}" 2> /dev/null || break
      sleep 0.1 &
      wait $!
    done
  done
}

# judge NAME EXPECTED COMMAND...: runs it and compares its exit code, or its stdout ("says REGEX").
judge() {
  local name=$1 expected=$2 status=0
  shift 2
  "$@" > "$state/said" 2> "$state/complained" &
  wait $! || status=$?
  case $expected in
    ok) ((status == 0)) || { complain "$name" "exit code $status" && return 0; } ;;
    fail) ((status != 0)) || { complain "$name" "exit code 0" && return 0; } ;;
    "exit "*) ((status == \${expected#exit })) || { complain "$name" "exit code $status" && return 0; } ;;
    "says "*) printf %s "$(< "$state/said")" | grep -qPz -- "\${expected#says }" || { complain "$name" "other words" && return 0; } ;;
    *) ;;
  esac
  echo "ok    $name"
}

complain() {
  echo "FAIL  $1: $2"
  sed 's/^/        /' "$state/said" "$state/complained"
  failed=1
}

# unjudged NAME WHY: a check that has no twin here.
unjudged() { echo "-     $1 (not judged: $2)"; }
`.replaceAll("\\$", "$");

/** What a toolstack did in the course of the scenario stands in place of its own lines. */
export function playLines(plan: Plan, { settledAt, happenings, lineEnds }: Timeline, setUp: SetUpLines): string[] {
  const bursts = burstsOf(
    happenings.filter(({ at }) => at > settledAt),
    plan.scenario.map(({ at }) => at),
  );
  if (plan.scenario.length + bursts.length === 0) return [];
  const events = [
    ...inOrder(plan.scenario).map((index) => ({ at: plan.scenario[index]!.at, line: index, burst: null })),
    ...bursts.map((burst) => ({ at: burst[0]!.at, line: null, burst })),
  ].toSorted((a, b) => a.at - b.at);
  const playing: (Nanos | null)[] = [];
  return [
    ...heading("the scenario"),
    ...events.flatMap(({ at, line, burst }): string[] => {
      const before = overBy(playing, at);
      if (line === null) return [...before, `until_then ${Math.round(at / 1e6)}`, ...setUp.of(burst)];
      playing.push(lineEnds[line] ?? null);
      return [...before, ...playLine(plan, plan.scenario[line]!)];
    }),
    ...WAIT,
  ];
}

/** Indices of the lines in the order in which they are played. */
export const inOrder = (lines: readonly ScenarioPlan[]): number[] =>
  lines.map((_, index) => index).toSorted((a, b) => lines[a]!.at - lines[b]!.at);

/** A line that was over in the emulator is waited for, once: a busy machine would else start the next one too early. */
function overBy(playing: (Nanos | null)[], at: number): string[] {
  const over = playing.flatMap((end, index) => (end !== null && end <= at ? [index] : []));
  for (const index of over) playing[index] = null;
  return over.length === 0 ? [] : [`over ${over.join(" ")}`];
}

/** Within a burst one follows from another, and no time needs to pass but their own. */
const PAUSE = 3e8;

function burstsOf(happenings: readonly Happening[], lines: readonly number[]): Happening[][] {
  const bursts: Happening[][] = [];
  for (const each of happenings) {
    const last = bursts.at(-1)?.at(-1);
    const follows =
      last !== undefined && each.at - last.at < PAUSE && !lines.some((at) => at > last.at && at <= each.at);
    if (follows) bursts.at(-1)!.push(each);
    else bursts.push([each]);
  }
  return bursts;
}

/** Lines that never end must not keep the checks waiting for ever: the emulator gives them a minute too. */
const WAIT = [
  "for ((waited = 0; waited < 600; waited++)); do",
  '  jobs -rp | grep -qxF -f <(printf "%s\\n" "${playing[@]}") || break',
  "  sleep 0.1 &",
  "  wait $!",
  "done",
];

function playLine(plan: Plan, line: ScenarioPlan): string[] {
  const at = `at ${Math.round(line.at / 1e6)}`;
  if (line.kind !== "run") {
    const word = line.kind === "plug" ? "up" : "down";
    return [
      `# ${line.kind} ${line.machine}:${line.device}: its port of the switch goes ${word}, and the carrier with it.`,
      `${at} ${cablePort(plan, line.machine, line.device, word)}`,
    ];
  }
  return [`${at} ${onMachine(line.on, line.run)}`];
}

export function checkLines(plan: Plan): string[] {
  if (plan.checks.length === 0) return [...heading("checks"), "say 'the topology has none'"];
  return [...heading("checks"), ...plan.checks.flatMap(timedCheck)];
}

const timedCheck = (check: CheckPlan): string[] => [
  ...(check.after === null ? [] : [`until_then ${Math.round(check.after / 1e6)}`]),
  checkLine(check),
];

/** Seconds more than in the emulator, whose clock does not run while this machine is busy. */
const PATIENCE = 10;

function checkLine(check: CheckPlan): string {
  const { name, on, run, within, expect } = check;
  if (isStub(run)) return `unjudged ${quote(name)} ${quote(`${run.split(" ")[0]} has no twin`)}`;
  const why = leftOut(run);
  if (why !== null) return `unjudged ${quote(name)} ${quote(why)}`;
  const limit = `timeout -s KILL ${within / 1e9 + PATIENCE}`;
  const line = isPlain(run) ? `${limit} ${run}` : `${limit} bash -c ${quote(run)}`;
  return `judge ${quote(name)} ${quote(expectation(expect))} on ${quote(on)} ${line}`;
}

/** A frame's fate is not seen from outside: such a line is run, and its exit code is as it may be. */
function expectation(expect: CheckPlan["expect"]): string {
  switch (expect.kind) {
    case "exit":
      return `exit ${expect.code}`;
    case "stdout":
      return `says ${perl(expect.pattern, expect.flags)}`;
    case "dropped":
      return "run";
    default:
      return expect.kind;
  }
}

/** A regular expression of JavaScript as grep -P takes it. */
const perl = (pattern: string, flags: string): string =>
  `${flags === "" ? "" : `(?${flags.replace(/[^ims]/g, "")})`}${pattern.replaceAll("[^]", "[\\s\\S]")}`;
