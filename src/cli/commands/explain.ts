/** `xenlab explain [CODE]`: what a fate code means, its usual cause, and how to see it on a real host. */
import type { CommandModule } from "yargs";
import { CliError } from "../cli-error.ts";

interface Arguments {
  readonly code: string | undefined;
  readonly json: boolean;
}

export const explain: CommandModule<object, Arguments> = {
  command: "explain [code]",
  describe: "tell what a fate code means; without one, list them all",
  builder: (yargs) =>
    yargs
      .positional("code", {
        type: "string",
        describe: "a fate, e.g. bridge-mtu-exceeded",
      })
      .option("json", {
        type: "boolean",
        default: false,
        describe: "print as JSON",
      })
      .example("$0 explain neighbour-failed", "cause, cure, and the command that shows it on a real host"),
  handler: async ({ code, json }) => {
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
