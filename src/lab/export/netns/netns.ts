// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the braces are the shell's
/**
 * `--to netns`: the lab as a bash script for a real Linux, that needs nothing of xenlab: a network namespace for each machine, veth
 * pairs for cables and vifs, a bridge for each switch, and the command lines that the emulator ran, in its order.
 */
import { type Nanos, ZERO } from "../../../engine/time.ts";
import { ERAS } from "../../../machine/era.ts";
import type { Plan } from "../../topology/plan.ts";
import type { ExportKind } from "../kind.ts";
import { type Happening, readTimeline, type Timeline } from "../timeline.ts";
import { leftOut } from "./kill.ts";
import { machineLines } from "./machines.ts";
import { CLOCK, checkLines, playLines } from "./play.ts";
import { BEGIN, START, STUB_FILES } from "./runtime.ts";
import { SetUpLines } from "./setup.ts";
import { needs, toolsOf } from "./tools.ts";
import { comment, quote } from "./words.ts";

export const netns: ExportKind = {
  name: "netns",
  summary: "a bash script that builds the lab in network namespaces of a real Linux",
  extension: "sh",
  print: (plan) => netnsScript(plan),
};

/** Text for whoever wants to look on: functions before the machines are made, and lines at some places. */
export interface Onlooker {
  readonly functions: string;
  /** How long `setUpDone` takes on purpose: the lab's clock goes on. */
  readonly rest: Nanos;
  readonly setUpDone: string;
  /** After the verbs of scenario and checks. */
  readonly clock: string;
  readonly end: string;
}

const NOBODY: Onlooker = { functions: "", rest: ZERO, setUpDone: "", clock: "", end: "" };

/** Always called: by the part of the script that is the same for every lab. */
const ALWAYS = [
  "awk:gawk",
  "ip:iproute2",
  "setsid:util-linux",
  "setpriv:util-linux",
  "mount:mount",
  "sysctl:procps",
].join(" ");

export function netnsScript(plan: Plan, onlooker: Onlooker = NOBODY): string {
  const timeline = readTimeline(plan);
  const lines = new SetUpLines(timeline);
  const setUp = inOrder(plan, timeline).flatMap((part) => lines.of(part));
  const play = playLines(plan, timeline, lines);
  const checks = checkLines(plan);
  const later = [
    ...plan.scenario.flatMap((line) => (line.kind === "run" ? [line.run] : [])),
    ...plan.checks.map(({ run }) => run),
  ];
  return [
    "#!/usr/bin/env bash",
    ...comment(`${plan.name}: ${plan.about}`),
    "#",
    ...comment(ABOUT),
    "#",
    ...cannot(plan, later),
    "# shellcheck disable=SC2317 # what traps call is not seen to be called",
    "set -Eeuo pipefail",
    BEGIN,
    `need ${ALWAYS} ${needs(lines.commands.flatMap(toolsOf))}`,
    `if [[ $play == yes ]]; then need ${needs(["ping", ...later.flatMap(toolsOf)])}; fi`,
    START,
    "if [[ $shaped == yes ]]; then need tc:iproute2; fi",
    STUB_FILES,
    onlooker.functions,
    ...machineLines(plan, timeline),
    ...libvirtFolders(plan),
    "booting=()",
    ...setUp,
    "",
    'if ((${#booting[@]} > 0)); then wait "${booting[@]}" || true; fi',
    onlooker.setUpDone,
    CLOCK,
    onlooker.clock,
    `began=$(($(now) - ${Math.round((timeline.settledAt + onlooker.rest) / 1e6)}))`,
    "playing=()",
    "if [[ $play == yes ]]; then",
    ...indented(play.length === 0 ? ["", "say 'the topology has no scenario'"] : play),
    "fi",
    "if [[ $check == yes ]]; then",
    ...indented(checks),
    "fi",
    onlooker.end,
    'exit "$failed"',
    "",
  ]
    .join("\n")
    .replace(/\n{3,}/g, "\n\n");
}

const ABOUT =
  "The lab on a real Linux: a network namespace for each machine, veth pairs for cables and vifs, bridges for switches, and the set-up lists command by command as the emulator ran them. Run it as root, or: unshare -Urnm bash THIS-FILE";

/** Machines outside first, then each host with its guests: what one of them needs of another is up by then. */
function inOrder(plan: Plan, { happenings, settledAt }: Timeline): Happening[][] {
  const first = happenings.filter(({ at }) => at <= settledAt);
  const of = (name: string): Happening[] => first.filter(({ machine }) => machine === name);
  return [...plan.machines, ...plan.hosts].map(({ name }) => of(name));
}

function cannot(plan: Plan, lines: readonly string[]): string[] {
  const limited = plan.hosts.flatMap(({ domains }) =>
    domains.flatMap(({ name, vifs }) => vifs.filter(({ rate }) => rate !== null).map(() => name)),
  );
  return [
    "# What namespaces do not have:",
    ...item("shared rings, grants, event channels and xenstore: a vif and the guest's eth0 are the two ends of a veth"),
    ...item(
      "the toolstack: xl, xm, xenstore-*, virsh, ifup and modprobe are stubs; what they run here stands in their place",
    ),
    ...(limited.length === 0
      ? []
      : item(
          `the rate limit of a vif, which netback's credit imposes; --shape puts a token bucket into the guest: ${[...new Set(limited)].join(", ")}`,
        )),
    ...lines
      .filter((line) => leftOut(line) !== null)
      .flatMap((line) => item(`a line of the topology, ${line}: ${leftOut(line)}`)),
    ...(plan.hosts.some(({ scripts }) => scripts.length > 0)
      ? item("hotplug scripts of your own, which a shell runs: what they do to a vif is left out")
      : []),
    ...(plan.hosts.some(({ xen }) => ERAS[xen].netloopPairs > 0)
      ? item("netloop, whose carrier is always there: a veth's goes with the other end")
      : []),
  ];
}

const item = (text: string): string[] => comment(text).map((line, i) => line.replace("#", i === 0 ? "# -" : "#  "));

const libvirtFolders = (plan: Plan): string[] =>
  plan.hosts
    .filter(({ libvirt }) => libvirt.length > 0)
    .map(({ name }) => `mkdir -p -- "$state/machines/"${quote(name)}/{run/libvirt/network,var/lib/libvirt/dnsmasq}`);

const indented = (lines: readonly string[]): string[] => lines.map((line) => (line === "" ? "" : `  ${line}`));
