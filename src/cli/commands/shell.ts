/** `xenlab shell FILE`: a line-mode prompt on every machine of a lab. */
import { join } from "node:path";
import type { CommandModule } from "yargs";
import { readTopologyFile } from "../topology-file.ts";

interface Arguments {
  readonly file: string;
  readonly seed: number | undefined;
  readonly machine: string | undefined;
  readonly scenario: boolean;
  readonly fast: boolean;
  readonly out: string;
  readonly journal: string | undefined;
}

export const shell: CommandModule<object, Arguments> = {
  command: "shell <file>",
  describe: "a prompt on every machine of a topology",
  builder: (yargs) =>
    yargs
      .positional("file", {
        type: "string",
        demandOption: true,
        describe: "topology file",
      })
      .option("machine", {
        alias: "m",
        type: "string",
        describe: "where to begin; the first Xen host unless told",
        requiresArg: true,
      })
      .option("seed", {
        type: "number",
        describe: "use this seed instead of the topology's",
        requiresArg: true,
      })
      .option("scenario", {
        type: "boolean",
        default: false,
        describe: "let the topology's scenario happen too",
      })
      .option("fast", {
        type: "boolean",
        describe: "do not hold commands to real time (the default when input is no terminal)",
        default: !process.stdin.isTTY,
      })
      .option("out", {
        type: "string",
        default: "captures",
        describe: "folder for captures, made when the first one is switched on",
        requiresArg: true,
      })
      .option("journal", {
        type: "string",
        describe: "write what is typed to this file; xenlab replay and xenlab open play it again",
        requiresArg: true,
      })
      .example("$0 shell topologies/bridge-xl.yaml", "then: help, @web1, ping -c 3 192.168.1.1")
      .example("echo 'brctl show' | $0 shell topologies/bridge-xl.yaml", "commands from a file or pipe"),
  handler: async ({ file, seed, machine, scenario, fast, out, journal }) => {
    const read = await readTopologyFile(file, seed);
    const { plan } = read;
    const { openLab } = await import("../../lab/index.ts");
    const { LineShell } = await import("../line-shell.ts");
    const { headOf, JournalFile } = await import("../journal-file.ts");
    const { ShellCaptures } = await import("../shell-captures.ts");
    const nothing = { all: false, points: [] };
    const lab = openLab({ ...plan, capture: nothing }, { scenario, capture: { format: "pcapng", merged: false } });
    const captures = new ShellCaptures(lab, join(out, plan.name));
    const head = headOf(read, { ...(seed === undefined ? {} : { seed }), scenario, checks: true });
    const written = journal === undefined ? null : new JournalFile(journal, head, lab);
    const first = machine ?? plan.hosts[0]?.name ?? plan.machines[0]?.name ?? "";
    await new LineShell(lab, first, fast, captures, written).run();
  },
};
