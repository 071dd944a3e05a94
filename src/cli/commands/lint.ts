/** `xenlab lint FILE`: the traps of scripts and rules that a topology walks into, before anything is sent. */
import type { CommandModule } from "yargs";
import type { Trap } from "../../lab/index.ts";
import { paint } from "../style.ts";
import { plural, readPlan } from "../topology-file.ts";

interface Arguments {
  readonly file: string;
  readonly json: boolean;
}

export const lint: CommandModule<object, Arguments> = {
  command: "lint <file>",
  describe: "name each trap of scripts and rules that a topology walks into, and what mends it",
  builder: (yargs) =>
    yargs
      .positional("file", {
        type: "string",
        demandOption: true,
        describe: "topology file",
      })
      .option("json", {
        type: "boolean",
        default: false,
        describe: "print as JSON",
      })
      .epilogue(
        "It looks at each Xen host as its boot leaves it, before a frame is sent, and again after the lines of the scenario that configure domain 0 (iptables, ip, brctl, sysctl ...). A trap that the scenario mends is named all the same, and that it is mended.",
      )
      .example("$0 lint topologies/bridge.yaml", "exit code 0: none, 1: there are traps, 2: mistakes in the file"),
  handler: async ({ file, json }) => {
    const { lint: trapsOf } = await import("../../lab/index.ts");
    const plan = await readPlan(file);
    const traps = trapsOf(plan);
    if (traps.length > 0) process.exitCode = 1;
    if (json) {
      process.stdout.write(`${JSON.stringify({ topology: plan.name, traps }, null, 2)}\n`);
      return;
    }
    const sum = traps.length === 0 ? "no traps that xenlab knows of" : plural(traps.length, "trap");
    process.stdout.write(`${traps.map((trap) => `${text(trap)}\n`).join("")}${file}: ${sum}\n`);
  },
};

function text({ name, host, what, step, why, mend, mendedLater }: Trap): string {
  const rows = [
    `${paint("bold", `${host}: ${what}`)} ${paint("dim", `[${name}]`)}`,
    ...(step === null ? [] : [`  step    ${paint("cyan", step)}`]),
    `  why     ${why}`,
    `  mend    ${mend.map((line) => paint("green", line)).join("\n          ")}`,
    ...(mendedLater ? ["  later   The scenario mends it itself."] : []),
  ];
  return `${rows.join("\n")}\n`;
}
