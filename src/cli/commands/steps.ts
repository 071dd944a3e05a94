/** `xenlab steps FILE`: the command lines that set a host up, with why, under the headings of the textbook. */
import type { CommandModule } from "yargs";
import type { HostPlan, Plan, Telling } from "../../lab/index.ts";
import { CliError } from "../cli-error.ts";
import { type Choice, printComparison, printSteps } from "../step-printer.ts";
import { TELLING } from "../telling-option.ts";
import { readPlan } from "../topology-file.ts";

interface Arguments {
  readonly file: string;
  readonly host: string | undefined;
  readonly by: "heading" | "script";
  readonly all: boolean;
  readonly state: boolean;
  readonly compare: boolean;
  readonly handshake: boolean;
  readonly probe: boolean;
  readonly telling: Telling | undefined;
  readonly json: boolean;
}

export const steps: CommandModule<object, Arguments> = {
  command: "steps <file>",
  describe: "the set-up of a host line by line: what is run, why, and what it changes",
  builder: (yargs) =>
    yargs
      .positional("file", { type: "string", demandOption: true, describe: "topology file" })
      .option("host", { type: "string", requiresArg: true, describe: "which Xen host; default is the first" })
      .option("by", {
        choices: ["heading", "script"] as const,
        default: "heading" as const,
        describe: "under the headings of the textbook, or in the order of the script",
      })
      .option("all", { type: "boolean", default: false, describe: "also lines that only look" })
      .option("state", {
        type: "boolean",
        default: false,
        describe: "what ip link, ip addr, ip route and brctl show say after each line, changes marked",
      })
      .option("compare", { type: "boolean", default: false, describe: "every difference from the textbook" })
      .option("handshake", { type: "boolean", default: false, describe: "also the xenbus handshake of each vif" })
      .option("probe", { type: "boolean", default: true, describe: "try a ping after every line" })
      .option("telling", TELLING)
      .option("json", { type: "boolean", default: false, describe: "print as JSON" })
      .example("$0 steps topologies/bridge.yaml", "network-bridge under the eight headings")
      .example("$0 steps topologies/bridge.yaml --by script --all", "everything the script runs, in order")
      .example("$0 steps topologies/bridge.yaml --compare", "where the script and the textbook part ways"),
  handler: async (args) => {
    const plan = await readPlan(args.file, undefined, args.telling);
    const host = chooseHost(plan, args.host);
    const choice: Choice = args;
    await (args.compare ? printComparison(plan, host, choice) : printSteps(plan, host, choice));
  },
};

function chooseHost(plan: Plan, name: string | undefined): HostPlan {
  const names = plan.hosts.map((host) => host.name);
  if (names.length === 0) throw new CliError(`${plan.name} has no Xen host: there is nothing to set up`);
  const found = name === undefined ? plan.hosts[0] : plan.hosts.find((host) => host.name === name);
  if (found === undefined) throw new CliError(`--host ${name}: no such Xen host; there is ${names.join(", ")}`);
  return found;
}
