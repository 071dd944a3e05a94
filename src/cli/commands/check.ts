/** `xenlab check FILE...`: every mistake of every file at once. */
import type { CommandModule } from "yargs";
import { CliError } from "../cli-error.ts";
import { Beside, count, plural, readText } from "../topology-file.ts";

interface Arguments {
  readonly files: string[];
  readonly json: boolean;
}

export const check: CommandModule<object, Arguments> = {
  command: "check <files..>",
  describe: "tell every mistake of topology files, with line and column",
  builder: (yargs) =>
    yargs
      .positional("files", {
        type: "string",
        array: true,
        demandOption: true,
        describe: "topology files",
      })
      .option("json", {
        type: "boolean",
        default: false,
        describe: "print diagnostics as JSON",
      })
      .example("$0 check topologies/*.yaml", "all shipped topologies"),
  handler: async ({ files, json }) => {
    const { readTopology, renderDiagnostics } = await import("../../lab/index.ts");
    const report: object[] = [];
    let wrong = 0;
    for (const file of files) {
      const text = attempt(file);
      const { plan, diagnostics } =
        typeof text === "string"
          ? readTopology(text, { readFile: new Beside(file).read })
          : { plan: null, diagnostics: [] };
      if (plan === null) wrong++;
      report.push({
        file,
        ok: plan !== null,
        ...(typeof text === "string" ? {} : { problem: text.message }),
        diagnostics,
      });
      if (json) continue;
      if (typeof text === "string") process.stdout.write(renderDiagnostics(file, text, diagnostics));
      process.stdout.write(
        `${typeof text === "string" ? `${file}: ${plan === null ? count(diagnostics) : good(diagnostics.length)}` : text.message}\n`,
      );
    }
    if (json) process.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
    if (wrong > 0) process.exitCode = 2;
  },
};

const good = (warnings: number): string => (warnings === 0 ? "good" : `good, with ${plural(warnings, "warning")}`);

/** A file that cannot be read is one mistake among others. */
function attempt(file: string): string | CliError {
  try {
    return readText(file);
  } catch (error) {
    if (error instanceof CliError) return error;
    throw error;
  }
}
