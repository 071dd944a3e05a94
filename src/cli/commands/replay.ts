/** `xenlab replay JOURNAL`: a run that somebody had, again: what was typed, the frames, the same bytes in its captures. */
import { join } from "node:path";
import type { CommandModule } from "yargs";
import { capturePlan } from "../capture-option.ts";
import { CliError } from "../cli-error.ts";
import { FileSink } from "../file-sink.ts";
import { parseTime } from "../time-option.ts";
import { turn } from "../turn.ts";
import { exitCodeOf, turns } from "../turns.ts";

interface Arguments {
  readonly file: string;
  readonly until: string | undefined;
  readonly capture: string[] | undefined;
  readonly out: string;
  readonly format: "pcapng" | "pcap";
  readonly merged: boolean;
  readonly quiet: boolean;
  readonly json: boolean;
}

export const replay: CommandModule<object, Arguments> = {
  command: "replay <file>",
  describe: "play a journal again: the same inputs, frames and captures as in the run that it is of",
  builder: (yargs) =>
    yargs
      .positional("file", {
        type: "string",
        demandOption: true,
        describe: "journal: W in the terminal, or shell --journal",
      })
      .option("until", {
        type: "string",
        describe: "on to this virtual time, or only so far, e.g. 10s",
        requiresArg: true,
      })
      .option("capture", {
        type: "string",
        array: true,
        describe: "all, none, or points such as xen1:vif1.0; what the topology says unless told",
        requiresArg: true,
      })
      .option("out", { type: "string", default: "captures", describe: "folder for captures" })
      .option("format", {
        choices: ["pcapng", "pcap"] as const,
        default: "pcapng" as const,
        describe: "of the captures",
      })
      .option("merged", { type: "boolean", default: false, describe: "also write one file with every point" })
      .option("quiet", {
        alias: "q",
        type: "boolean",
        default: false,
        describe: "no frames, only what was typed and said",
      })
      .option("json", { type: "boolean", default: false, describe: "print the result as JSON, and no frames" })
      .example("$0 replay captures/bridge-xl/run-1.journal", "everything that happened, and its captures once more")
      .example(
        "$0 open captures/bridge-xl/run-1.journal",
        "the same in the terminal, where any moment can be looked at",
      ),
  handler: async (args) => {
    const { openLab, OtherRunError, Playback } = await import("../../lab/index.ts");
    const { readJournalFile } = await import("../journal-file.ts");
    const { PrintedPlayer } = await import("../printed-player.ts");
    const { RunPrinter } = await import("../run-printer.ts");
    const { plan, journal } = readJournalFile(args.file);
    const capture = args.capture?.[0] === "none" ? null : { format: args.format, merged: args.merged };
    const lab = openLab(
      { ...plan, capture: capturePlan(plan, args.capture) },
      { capture, scenario: journal.scenario, trace: !args.quiet && !args.json },
    );
    const player = new PrintedPlayer(lab);
    const sink = capture === null ? null : new FileSink(join(args.out, plan.name));
    const printer = args.json ? null : new RunPrinter(lab, (isOver) => player.take(isOver));
    const end =
      args.until === undefined
        ? journal.end
        : { time: parseTime(args.until, "--until"), executed: Number.POSITIVE_INFINITY };
    const playback = new Playback(player, journal.entries);
    printer?.start(sink);
    let signal: NodeJS.Signals | null;
    try {
      signal = await turns(() => {
        const over = turn(lab, sink, (limit) => playback.playTo(end, limit));
        printer?.show();
        return over;
      });
    } catch (error) {
      if (!(error instanceof OtherRunError)) throw error;
      throw new CliError(`${args.file}: ${error.message}. It was written by ${journal.program}`);
    } finally {
      sink?.drain(lab, true);
    }
    sink?.close(signal === null);
    printer?.show(undefined, true);
    printer?.finish(sink, signal !== null);
    if (signal !== null) process.exitCode = exitCodeOf(signal);
    if (args.json) {
      const { runSummary } = await import("../run-summary.ts");
      process.stdout.write(`${JSON.stringify(runSummary(lab, sink?.folder ?? null), null, 2)}\n`);
    }
  },
};
