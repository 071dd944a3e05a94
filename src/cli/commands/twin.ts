/** `xenlab twin FILE`: the lab in the emulator and on the kernel of this machine, compared frame by frame. */
import type { CommandModule } from "yargs";
import type { Plan, TwinReport } from "../../lab/index.ts";
import { readPlan } from "../topology-file.ts";
import { RealWorld } from "../twin/real-world.ts";

interface Arguments {
  readonly file: string;
  readonly seed: number | undefined;
  readonly json: boolean;
  readonly all: boolean;
}

export const twin: CommandModule<object, Arguments> = {
  command: "twin <file>",
  describe: "run a topology in the emulator and on this machine's kernel, and compare them frame by frame",
  builder: (yargs) =>
    yargs
      .positional("file", { type: "string", demandOption: true, describe: "topology file" })
      .option("seed", { type: "number", describe: "use this seed instead of the topology's" })
      .option("all", { type: "boolean", default: false, describe: "also comparisons of nothing with nothing" })
      .option("json", { type: "boolean", default: false, describe: "print the report as JSON" })
      .example("$0 twin topologies/bridge-xl.yaml", "as root")
      .epilogue("Exit code 0: equal; 1: something differs; 2: it cannot run here, with the reason."),
  handler: async ({ file, seed, json, all }) => {
    const report = await compare(await readPlan(file, seed));
    if (report === null) return;
    if (json) process.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
    else (await import("../twin/print-report.ts")).printReport(report, all);
    if (!report.equal) process.exitCode = 1;
  },
};

/** Null when a signal has ended it; then the exit code says which. */
async function compare(plan: Plan): Promise<TwinReport | null> {
  const { atTimesOf, compareWorlds, readCapture, runEmulated, stageTwin, twinScript } = await import(
    "../../lab/index.ts"
  );
  const staging = stageTwin(plan);
  const world = new RealWorld();
  let signal: NodeJS.Signals | null = null;
  const stop = (name: NodeJS.Signals): void => {
    signal = name;
    world.interrupt();
  };
  process.on("SIGINT", stop).on("SIGTERM", stop).on("SIGHUP", stop);
  try {
    const real = await world.run(twinScript(staging), readCapture).catch((error: unknown) => {
      if (signal === null) throw error;
      return null;
    });
    if (real !== null && signal === null)
      return compareWorlds(staging, runEmulated(atTimesOf(real.played, staging)), real);
    process.exitCode = signal === "SIGINT" ? 130 : signal === "SIGHUP" ? 129 : 143;
    return null;
  } finally {
    process.off("SIGINT", stop).off("SIGTERM", stop).off("SIGHUP", stop);
    world.close();
  }
}
