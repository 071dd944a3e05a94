/** `xenlab schema`: the JSON schema of topology files, for editors. */
import type { CommandModule } from "yargs";

export const schema: CommandModule = {
  command: "schema",
  describe: "print the JSON schema of topology files, for editors",
  builder: (yargs) =>
    yargs.example("$0 schema > topology.schema.json", "then: # yaml-language-server: $schema=./topology.schema.json"),
  handler: async () => {
    const { printJsonSchema } = await import("../../lab/index.ts");
    process.stdout.write(printJsonSchema());
  },
};
