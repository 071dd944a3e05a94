/** `xenlab open [FILE]`: the terminal. Where there is none it is the plain run, and `--plain` is the line-mode prompt. */
import type { ArgumentsCamelCase, CommandModule } from "yargs";
import { CliError } from "../cli-error.ts";
import { checkSeed } from "../topology-file.ts";
import { run } from "./run.ts";
import { shell } from "./shell.ts";

interface Arguments {
  readonly file: string | undefined;
  readonly seed: number | undefined;
  readonly capture: string[] | undefined;
  readonly out: string;
  readonly scenario: boolean;
  readonly ping: boolean;
  readonly card: boolean;
  readonly motion: boolean;
  readonly mouse: boolean;
  readonly theme: "terminal" | "mono";
  readonly ascii: boolean;
  readonly plain: boolean;
}

export const open: CommandModule<object, Arguments> = {
  command: "open [file]",
  describe: "the terminal: map, packets, shells and captures of a topology, live",
  builder: (yargs) =>
    yargs
      .positional("file", { type: "string", describe: "topology file; without one it asks" })
      .option("seed", { type: "number", describe: "use this seed instead of the topology's", requiresArg: true })
      .option("capture", {
        type: "string",
        array: true,
        describe: "captured from the start: all, none, or points such as xen1:vif1.0",
        requiresArg: true,
      })
      .option("out", { type: "string", default: "captures", describe: "folder for captures" })
      .option("scenario", { type: "boolean", default: true, describe: "let the topology's scenario happen" })
      .option("ping", { type: "boolean", default: true, describe: "a ping once a second after the boot" })
      .option("card", { type: "boolean", default: true, describe: "begin with the card that says how it works" })
      .option("motion", { type: "boolean", default: true, describe: "let signs move along links while frames pass" })
      .option("mouse", { type: "boolean", default: true, describe: "take clicks and the wheel (alt-m toggles)" })
      .option("theme", {
        choices: ["terminal", "mono"] as const,
        default: (process.env["NO_COLOR"] ?? "") === "" ? ("terminal" as const) : ("mono" as const),
        describe: "the 16 colours of your terminal, or none",
      })
      .option("ascii", {
        type: "boolean",
        default: process.env["TERM"] === "linux",
        describe: "draw with ASCII only",
      })
      .option("plain", {
        type: "boolean",
        default: (process.env["INK_SCREEN_READER"] ?? "") === "true",
        describe: "a line-mode prompt instead, for pipes and screen readers",
      })
      .example("$0 open topologies/bridge-xl.yaml", "then: space plays the boot, ? lists the keys")
      .example("$0 open", "choose among the shipped topologies"),
  handler: async (args) => {
    if (args.plain) return inLines(args);
    if (process.stdout.isTTY !== true || process.stdin.isTTY !== true) return asRun(args);
    checkSeed(args.seed);
    const { main } = await import("../../tui/main.ts");
    const { OutsideWorld } = await import("../outside-world.ts");
    const { file, seed, scenario, ping: life, card, motion, mouse, ascii, theme } = args;
    const options = { file: file ?? null, scenario, life, card, motion, mouse, ascii, mono: theme === "mono" };
    process.exitCode = await main(new OutsideWorld(args.out, seed, args.capture), options);
  },
};

async function inLines(args: ArgumentsCamelCase<Arguments>): Promise<void> {
  const file = needed(args);
  const fast = process.stdin.isTTY !== true;
  await shell.handler({
    ...args,
    file,
    machine: undefined,
    journal: undefined,
    fast,
    scenario: args.scenario && !fast,
  });
}

/** No terminal to draw on: what happens in the lab is printed. */
async function asRun(args: ArgumentsCamelCase<Arguments>): Promise<void> {
  const common = {
    until: undefined,
    format: "pcapng" as const,
    merged: false,
    json: false,
    junit: undefined,
    telling: undefined,
  };
  await run.handler({ ...args, ...common, file: needed(args), quiet: false });
}

function needed({ file }: Arguments): string {
  if (file === undefined)
    throw new CliError("open: say which topology, e.g. topologies/bridge-xl.yaml (a terminal would let you choose)");
  return file;
}
