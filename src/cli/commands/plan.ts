/** `xenlab plan FILE`: the topology with every default filled in. */
import type { CommandModule } from "yargs";
import type { Telling } from "../../lab/index.ts";
import { TELLING } from "../telling-option.ts";
import { readPlan } from "../topology-file.ts";

interface Arguments {
  readonly file: string;
  readonly seed: number | undefined;
  readonly telling: Telling | undefined;
  readonly json: boolean;
}

export const plan: CommandModule<object, Arguments> = {
  command: "plan <file>",
  describe: "print a topology in its long form, every default filled in",
  builder: (yargs) =>
    yargs
      .positional("file", {
        type: "string",
        demandOption: true,
        describe: "topology file",
      })
      .option("seed", {
        type: "number",
        describe: "use this seed instead of the topology's",
      })
      .option("telling", TELLING)
      .option("json", {
        type: "boolean",
        default: false,
        describe: "print the resolved plan as JSON",
      })
      .example("$0 plan topologies/bridge-short.yaml", "what the short form stands for"),
  handler: async ({ file, seed, telling, json }) => {
    const plan = await readPlan(file, seed, telling);
    const { printPlan } = await import("../../lab/index.ts");
    process.stdout.write(json ? `${JSON.stringify(plan, null, 2)}\n` : printPlan(plan));
  },
};
