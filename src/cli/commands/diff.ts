/** `xenlab diff A B`: the first frame in which two captures differ, decoded. */
import { readFileSync } from "node:fs";
import type { CommandModule } from "yargs";
import { CliError } from "../cli-error.ts";

interface Arguments {
  readonly a: string;
  readonly b: string;
  readonly "ignore-times": boolean;
  readonly json: boolean;
}

export const diff: CommandModule<object, Arguments> = {
  command: "diff <a> <b>",
  describe: "show the first frame in which two captures differ",
  builder: (yargs) =>
    yargs
      .positional("a", {
        type: "string",
        demandOption: true,
        describe: "a pcapng or pcap file",
      })
      .positional("b", {
        type: "string",
        demandOption: true,
        describe: "another",
      })
      .option("ignore-times", {
        type: "boolean",
        default: false,
        describe: "compare frames only, not their times",
      })
      .option("json", {
        type: "boolean",
        default: false,
        describe: "print as JSON",
      })
      .example("$0 diff before/xen1-vif1.0.pcapng after/xen1-vif1.0.pcapng", "exit code 1 when they differ"),
  handler: async ({ a, b, "ignore-times": ignoreTimes, json }) => {
    const { diffCaptures, dissectLines, readCapture, renderDiff } = await import("../../lab/index.ts");
    const [left, right] = [a, b].map((file) => {
      const capture = readCapture(read(file));
      if (capture.format === null) throw new CliError(`${file}: neither pcapng nor pcap`);
      if (capture.problem !== null) process.stderr.write(`xenlab: ${file}: ${capture.problem}\n`);
      if (capture.cut) process.stderr.write(`xenlab: ${file}: cut short; comparing what is there\n`);
      return capture;
    });
    const found = diffCaptures(left!, right!, { ignoreTimes });
    if (found !== null) process.exitCode = 1;
    const frames = [left!, right!].map(({ packets }) => packets.length);
    const lines = found === null ? [] : renderDiff(found, dissectLines);
    if (json) {
      const document = {
        a,
        b,
        equal: found === null,
        frames,
        differsAt: found === null ? null : found.index + 1,
        lines,
      };
      process.stdout.write(`${JSON.stringify(document, null, 2)}\n`);
    } else if (found === null) process.stdout.write(`equal: ${left!.packets.length} frames\n`);
    else process.stdout.write(`A ${a}\nB ${b}\n${lines.join("\n")}\n`);
  },
};

function read(file: string): Uint8Array {
  try {
    return readFileSync(file);
  } catch (error) {
    throw new CliError(`${file}: ${(error as Error).message}`);
  }
}
