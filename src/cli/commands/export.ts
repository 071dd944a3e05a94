/** `xenlab export FILE --to KIND`: the lab as a text for another tool. */
import type { CommandModule } from "yargs";
import type { Telling } from "../../lab/index.ts";
import { CliError } from "../cli-error.ts";
import { writeOutput } from "../output.ts";
import { TELLING } from "../telling-option.ts";
import { readPlan } from "../topology-file.ts";

interface Arguments {
  readonly file: string;
  readonly to: string | undefined;
  readonly out: string | undefined;
  readonly seed: number | undefined;
  readonly telling: Telling | undefined;
}

export const export_: CommandModule<object, Arguments> = {
  command: "export <file>",
  describe: "the lab as a text for another tool: a script that builds it on a real Linux",
  builder: (yargs) =>
    yargs
      .positional("file", { type: "string", demandOption: true, describe: "topology file" })
      .option("to", { type: "string", requiresArg: true, describe: "which kind; without it they are listed" })
      .option("out", {
        alias: "o",
        type: "string",
        requiresArg: true,
        describe: "write to this file instead of standard output, which is -",
      })
      .option("seed", { type: "number", describe: "use this seed instead of the topology's" })
      .option("telling", TELLING)
      .example("$0 export topologies/bridge.yaml --to netns -o bridge.sh", "then, as root: bash bridge.sh --check"),
  handler: async ({ file, to, out, seed, telling }) => {
    const plan = await readPlan(file, seed, telling);
    const { EXPORTS, nearestWord } = await import("../../lab/index.ts");
    if (to === undefined) {
      for (const { name, summary } of EXPORTS) process.stdout.write(`${name.padEnd(8)} ${summary}\n`);
      return;
    }
    const names = EXPORTS.map(({ name }) => name);
    const kind = EXPORTS.find(({ name }) => name === to);
    if (kind === undefined) {
      const near = nearestWord(to, names);
      const hint = near === null ? "" : ` Did you mean ${near}?`;
      throw new CliError(`--to ${to}: there is no such kind; there is ${names.join(", ")}.${hint}`);
    }
    const text = kind.print(plan);
    if (out === undefined) process.stdout.write(text);
    else writeOutput(out, text);
  },
};
