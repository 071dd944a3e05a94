/**
 * `xenlab explain [CODE|FILE]`: what a fate code means, its usual cause, and how to see it on a real host; or what is wrong
 * with a topology once it has run.
 */
import { existsSync } from "node:fs";
import type { CommandModule } from "yargs";
import { CliError } from "../cli-error.ts";

interface Arguments {
  readonly what: string | undefined;
  readonly json: boolean;
  readonly frame: number | undefined;
}

export const explain: CommandModule<object, Arguments> = {
  command: "explain [what]",
  describe: "what a fate code means; or run a topology and tell cause and cure of its trouble; alone: list all codes",
  builder: (yargs) =>
    yargs
      .positional("what", {
        type: "string",
        describe: "a fate, e.g. bridge-mtu-exceeded, or a topology file",
      })
      .option("frame", {
        type: "number",
        requiresArg: true,
        describe: "of a topology: the story of the frame with this number (#71 in what `run` prints): who decided what",
      })
      .option("json", {
        type: "boolean",
        default: false,
        describe: "print as JSON",
      })
      .example("$0 explain neighbour-failed", "cause, cure, and the command that shows it on a real host")
      .example("$0 explain topologies/trouble-dead-cable.yaml", "what is wrong there, and what mends it")
      .example("$0 explain topologies/nat.yaml --frame 71", "why that frame went where it went"),
  handler: async ({ what: code, json, frame }) => {
    if (Number.isNaN(frame)) throw new CliError("--frame is a number: the one behind # in what `xenlab run` prints");
    if (code === "") throw new CliError("a fate or a topology file is meant, and the word in its place is empty");
    if (code !== undefined && isFile(code)) {
      const { explainFile } = await import("../explain-file.ts");
      return explainFile(code, json, frame ?? null);
    }
    if (frame !== undefined) throw new CliError("--frame is about a topology: xenlab explain FILE --frame N");
    const { FATES, findFate, nearestWord } = await import("../../lab/index.ts");
    if (code === undefined) {
      const width = Math.max(...FATES.map((fate) => fate.name.length));
      const lines = FATES.map((fate) => `${fate.name.padEnd(width)}  ${fate.what}`);
      process.stdout.write(json ? `${JSON.stringify(FATES, null, 2)}\n` : `${lines.join("\n")}\n`);
      return;
    }
    const fate = findFate(code);
    if (fate === null) {
      const near = nearestWord(
        code,
        FATES.map((each) => each.name),
      );
      throw new CliError(
        `no fate is called ${code}${near === null ? "" : `; did you mean ${near}?`}\nAll of them: xenlab explain`,
      );
    }
    if (json) process.stdout.write(`${JSON.stringify(fate, null, 2)}\n`);
    else {
      const rows = [
        ["what", fate.what],
        ["cause", fate.cause],
        ["see it", fate.command],
        ["mend it", fate.cure],
      ];
      process.stdout.write(`${fate.name}\n${rows.map(([head, text]) => `  ${head!.padEnd(8)} ${text}`).join("\n")}\n`);
    }
  },
};

/** A code has neither dot nor slash, but for the dots of no code at all. */
const isFile = (word: string): boolean => /[/\\]|\.ya?ml$/.test(word) || existsSync(word);
