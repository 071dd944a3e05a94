/** `xenlab run FILE`: builds the lab, plays its scenario, prints frames as they pass, keeps captures, judges checks. */
import { join } from "node:path";
import type { CommandModule } from "yargs";
import type { Lab, Plan, Telling } from "../../lab/index.ts";
import { capturePlan, notThere } from "../capture-option.ts";
import { CliError } from "../cli-error.ts";
import { FileSink } from "../file-sink.ts";
import { junit } from "../junit.ts";
import { writeOutput } from "../output.ts";
import { TELLING } from "../telling-option.ts";
import { parseTime } from "../time-option.ts";
import { readPlan } from "../topology-file.ts";
import { turn } from "../turn.ts";
import { exitCodeOf, turns } from "../turns.ts";

interface Arguments {
  readonly file: string;
  readonly until: string | undefined;
  readonly seed: number | undefined;
  readonly telling: Telling | undefined;
  readonly capture: string[] | undefined;
  readonly out: string;
  readonly format: "pcapng" | "pcap";
  readonly merged: boolean;
  readonly json: boolean;
  readonly junit: string | undefined;
  readonly quiet: boolean;
}

export const run: CommandModule<object, Arguments> = {
  command: "run <file>",
  describe: "run a topology: frames as they pass, scenario, checks, captures",
  builder: (yargs) =>
    yargs
      .positional("file", {
        type: "string",
        demandOption: true,
        describe: "topology file",
      })
      .option("until", {
        type: "string",
        describe: "end of the run in virtual time, e.g. 10s",
        requiresArg: true,
      })
      .option("seed", {
        type: "number",
        describe: "use this seed instead of the topology's",
        requiresArg: true,
      })
      .option("telling", TELLING)
      .option("capture", {
        type: "string",
        array: true,
        describe: "all, none, or points such as xen1:vif1.0",
        requiresArg: true,
      })
      .option("out", {
        type: "string",
        default: "captures",
        describe: "folder for captures",
      })
      .option("format", {
        choices: ["pcapng", "pcap"] as const,
        default: "pcapng" as const,
        describe: "of the captures",
      })
      .option("merged", {
        type: "boolean",
        default: false,
        describe: "also write one file with every point",
      })
      .option("json", {
        type: "boolean",
        default: false,
        describe: "print the result as JSON, and no frames",
      })
      .option("junit", {
        type: "string",
        describe: "write check results to this file as JUnit XML; - is standard output, which is kept free of all else",
        requiresArg: true,
      })
      .option("quiet", {
        alias: "q",
        type: "boolean",
        default: false,
        describe: "no frames, only what the machines' commands print; a progress bar on a terminal",
      })
      .example("$0 run topologies/bridge-xl.yaml", "everything that happens, then captures in captures/bridge-xl/")
      .example(
        "$0 run my.yaml --quiet --junit results.xml",
        "in CI: exit code 0 when every check holds, 1 when one does not",
      )
      .example("$0 run my.yaml --merged --capture xen1:vif1.0,web1:eth0", "two points, and both in merged.pcapng"),
  handler: async (args) => {
    if (args.junit === "-" && args.json) throw new CliError("--junit -: --json wants standard output too");
    if (args.junit !== undefined) writeOutput(args.junit, "");
    const plan = adjust(await readPlan(args.file, args.seed, args.telling), args);
    const { openLab } = await import("../../lab/index.ts");
    const capture = args.capture?.[0] === "none" ? null : { format: args.format, merged: args.merged };
    const lab = openLab(plan, { capture, trace: !args.quiet && !isSilent(args) });
    const sink = capture === null ? null : new FileSink(join(args.out, plan.name));
    const signal = await play(lab, args, sink);
    if (args.junit !== undefined) writeOutput(args.junit, junit(plan.name, lab.scenario.results));
    const { complainOfSetUp, isGood, runSummary } = await import("../run-summary.ts");
    complainOfSetUp(lab);
    if (args.json) process.stdout.write(`${JSON.stringify(runSummary(lab, sink?.folder ?? null), null, 2)}\n`);
    if (signal !== null) process.exitCode = exitCodeOf(signal);
    else if (!isGood(lab)) process.exitCode = 1;
    const absent = args.capture === undefined ? [] : notThere(lab);
    if (absent.length === 0) return;
    // The result stands on stdout already: no other document comes behind it.
    process.stderr.write(absent.map((sentence) => `xenlab: ${sentence}\n`).join(""));
    process.exitCode = 2;
  },
};

/** Standard output belongs to a document. */
const isSilent = ({ json, junit: file }: Arguments): boolean => json || file === "-";

function adjust(plan: Plan, args: Arguments): Plan {
  const until = args.until === undefined ? plan.until : parseTime(args.until, "--until");
  return { ...plan, until, capture: capturePlan(plan, args.capture) };
}

/** The run itself; the signal that interrupted it, or null. */
async function play(lab: Lab, args: Arguments, sink: FileSink | null): Promise<NodeJS.Signals | null> {
  const { RunPrinter } = await import("../run-printer.ts");
  const { RunProgress } = await import("../run-progress.ts");
  const printer = isSilent(args) ? null : new RunPrinter(lab);
  const progress = args.quiet ? new RunProgress(lab) : null;
  printer?.start(sink);
  let signal: NodeJS.Signals | null;
  try {
    signal = await turns(() => {
      const over = turn(lab, sink);
      printer?.show(() => progress?.clear());
      progress?.show();
      return over;
    });
  } finally {
    sink?.drain(lab, true);
    progress?.clear();
  }
  sink?.close(signal === null);
  lab.scenario.conclude();
  printer?.finish(sink, signal !== null);
  return signal;
}
