#!/usr/bin/env node
/**
 * The command line. One file per command in `commands/`; this file parses, and turns mistakes into sentences.
 * Exit codes: 0 good, 1 a check failed or the environment said no, 2 the user's mistake.
 */
import "./optimiser.ts";
import yargs, { type Argv } from "yargs";
import { hideBin } from "yargs/helpers";
import { CliError } from "./cli-error.ts";
import { commands } from "./commands/index.ts";
import { complain } from "./complain.ts";
import { Misuse } from "./misuse.ts";
import { withStandardInput } from "./topology-file.ts";
import { version } from "./version.ts";

const words = hideBin(process.argv);

async function main(): Promise<number> {
  const parser: Argv = yargs(withStandardInput(words))
    .scriptName("xenlab")
    // `--capture none FILE`: one value each, several by commas or by saying it again.
    .parserConfiguration({ "greedy-arrays": false })
    .detectLocale(false)
    .usage("$0 <command>\n\nA Xen host's virtual network, packet by packet, without root or a hypervisor.")
    .command([...commands])
    .demandCommand(1, "Say what to do: a command is missing.")
    .strict()
    .recommendCommands()
    .version(version)
    .alias("h", "help")
    .wrap(Math.min(100, process.stdout.columns ?? 100))
    .example("$0 run topologies/bridge-xl.yaml", "build a host and two guests, watch their frames, keep captures")
    .example("$0 check my.yaml", "every mistake of a topology, with line and column")
    .example("$0 exec topologies/bridge-xl.yaml xen1 -- brctl show", "one command on one machine")
    .example("$0 shell topologies/bridge-xl.yaml", "a prompt on every machine")
    .epilogue("Each command has its own --help.")
    .exitProcess(false)
    .fail((message, error) => {
      if (error !== undefined && error.name !== "YError") throw error;
      throw new Misuse(message ?? error.message, knownOptions(parser));
    });
  await parser.parseAsync();
  return process.exitCode === undefined ? 0 : Number(process.exitCode);
}

process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  // The reader of a pipe has seen enough (`xenlab run ... | head`): as by SIGPIPE, for what was asked for is not done.
  if (error.code === "EPIPE") process.exit(141);
  throw error;
});

/** With their other names. yargs tells of what it knows, its types do not. */
function knownOptions(parser: Argv): string[] {
  const { key, alias } = (parser as unknown as { getOptions(): Record<"key" | "alias", object> }).getOptions();
  return [...Object.keys(key), ...Object.values(alias).flat(), ...Object.keys(alias)];
}

try {
  process.exitCode = await main();
} catch (problem) {
  const names = commands.map(({ command }) => String(command).split(" ")[0]!);
  const error = problem instanceof Misuse ? await problem.told(words, names) : problem;
  if (!(error instanceof CliError)) throw error;
  complain(error, words);
  process.exitCode = error.exitCode;
}
