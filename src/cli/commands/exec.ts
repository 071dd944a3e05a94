/** `xenlab exec FILE [--at 5s] MACHINE -- COMMAND...`: one command on one machine of a lab that has come up. */
import { fstatSync } from "node:fs";
import type { CommandModule } from "yargs";
import type { Lab, Process, Telling } from "../../lab/index.ts";
import { CliError } from "../cli-error.ts";
import { quoteForShell } from "../quote.ts";
import { TELLING } from "../telling-option.ts";
import { parseTime } from "../time-option.ts";
import { machineNames, readPlan } from "../topology-file.ts";

interface Arguments {
  readonly file: string;
  readonly machine: string;
  readonly command: string[];
  readonly at: string | undefined;
  readonly seed: number | undefined;
  readonly telling: Telling | undefined;
  readonly scenario: boolean;
  readonly json: boolean;
  readonly "--"?: string[];
}

const SLICE = 5_000;
/** Virtual time a command may take. */
const PATIENCE_SECONDS = 600;
/** How long an open but silent stdin is waited for. */
const SILENCE_MILLIS = 500;

export const exec: CommandModule<object, Arguments> = {
  command: "exec <file> <machine> [command..]",
  describe: "run one command on one machine, once the lab is up",
  builder: (yargs) =>
    yargs
      .parserConfiguration({
        "populate--": true,
        "unknown-options-as-args": true,
      })
      .positional("file", {
        type: "string",
        demandOption: true,
        describe: "topology file",
      })
      .positional("machine", {
        type: "string",
        demandOption: true,
        describe: "a host, guest or outside machine",
      })
      .positional("command", {
        type: "string",
        array: true,
        default: [],
        describe: "after --: the command and its arguments, or one quoted shell line",
      })
      .option("at", {
        type: "string",
        describe: "not before this virtual time, e.g. 5s",
        requiresArg: true,
      })
      .option("seed", {
        type: "number",
        describe: "use this seed instead of the topology's",
        requiresArg: true,
      })
      .option("telling", TELLING)
      .option("scenario", {
        type: "boolean",
        default: false,
        describe: "let the topology's scenario happen too",
      })
      .option("json", {
        type: "boolean",
        default: false,
        describe: "print output and exit code as JSON",
      })
      .example("$0 exec topologies/bridge-xl.yaml xen1 -- brctl show", "")
      .example(
        "$0 exec topologies/bridge-xl.yaml web1 -- 'ping -c1 192.168.1.1 | tail -2'",
        "one word: a line for the shell",
      )
      .example("$0 exec my.yaml --at 5s xen1 -- bridge fdb show", "ends with the command's own exit code"),
  handler: async (args) => {
    const words = [...args.command, ...(args["--"] ?? [])].map(String);
    if (words.length === 0)
      throw new CliError("exec: no command; it stands after --, e.g. xenlab exec FILE web1 -- ip addr");
    const at = args.at === undefined ? null : parseTime(args.at, "--at");
    const plan = await readPlan(args.file, args.seed, args.telling);
    const known = machineNames(plan);
    if (!known.includes(args.machine)) throw new CliError(`no machine ${args.machine}; there are ${known.join(", ")}`);
    const { openLab } = await import("../../lab/index.ts");
    const lab = openLab(plan, { scenario: args.scenario });
    lab.comeUp();
    if (at !== null && at > lab.now) lab.runUntil(at);
    if (lab.find(args.machine) === null) throw new CliError(noMachine(lab, args.machine));
    const process_ = lab.exec(args.machine, words.length === 1 ? words[0]! : words.map(quoteForShell).join(" "));
    const input = await ownInput();
    if (input !== "") lab.type(process_, input);
    lab.type(process_, null);
    await finish(lab, process_, args.json);
    process.exitCode = process_.exitCode ?? 1;
  },
};

function noMachine(lab: Lab, machine: string): string {
  const failures = lab.setUps.map(({ process }) => process.console?.text("stderr") ?? "").filter((text) => text !== "");
  const said = failures.length === 0 ? "" : `\nwhat set-up said:\n${failures.join("")}`;
  return `no machine ${machine} is running; there are ${lab.machineNames.join(", ")}${said.trimEnd()}`;
}

async function finish(lab: Lab, started: Process, json: boolean): Promise<void> {
  let next = 0;
  const stop = (): void => lab.signal(started, "INT");
  process.on("SIGINT", stop);
  const limit = lab.now + PATIENCE_SECONDS * 1e9;
  const isLate = (): boolean => lab.now >= limit || lab.world.scheduler.next() === null;
  while (!started.hasEnded && !isLate()) {
    for (let i = 0; i < SLICE && !started.hasEnded && !isLate(); i++) lab.step();
    if (!json) next = print(started, next);
    await new Promise((resume) => setImmediate(resume));
  }
  process.off("SIGINT", stop);
  const said = started.console!;
  const result = { exitCode: started.exitCode, stdout: said.text("stdout"), stderr: said.text("stderr") };
  if (!json) print(started, next);
  else if (started.hasEnded) process.stdout.write(`${JSON.stringify(result, null, 2)}\n`);
  if (!started.hasEnded)
    throw new CliError(
      `the command still runs after ${PATIENCE_SECONDS} s of virtual time, or waits for what never comes; stopped here`,
      1,
      result,
    );
}

function print(started: Process, from: number): number {
  const { chunks, next } = started.console!.since(from);
  for (const chunk of chunks) (chunk.stream === "stdout" ? process.stdout : process.stderr).write(chunk.text);
  return next;
}

/** What stands on our own stdin when it is a pipe or a file; nothing when nobody writes to it. */
async function ownInput(): Promise<string> {
  const kind = fstatSync(0, { bigint: false });
  if (process.stdin.isTTY || !(kind.isFIFO() || kind.isFile())) return "";
  let text = "";
  process.stdin.setEncoding("utf8");
  const silence = setTimeout(() => process.stdin.destroy(), SILENCE_MILLIS);
  try {
    for await (const chunk of process.stdin) {
      silence.refresh();
      text += chunk;
    }
  } catch {
    // Destroyed for its silence: what came until then is all there is.
  }
  clearTimeout(silence);
  return text;
}
