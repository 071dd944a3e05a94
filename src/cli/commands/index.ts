/** The commands, in the order of help. A new one is one file and one line. */
import type { CommandModule } from "yargs";
import { check } from "./check.ts";
import { diff } from "./diff.ts";
import { exec } from "./exec.ts";
import { explain } from "./explain.ts";
import { export_ } from "./export.ts";
import { init } from "./init.ts";
import { lint } from "./lint.ts";
import { open } from "./open.ts";
import { plan } from "./plan.ts";
import { replay } from "./replay.ts";
import { run } from "./run.ts";
import { schema } from "./schema.ts";
import { shell } from "./shell.ts";
import { steps } from "./steps.ts";
import { twin } from "./twin.ts";

// biome-ignore lint/suspicious/noExplicitAny: each command has its own arguments
export const commands: readonly CommandModule<object, any>[] = [
  open,
  run,
  replay,
  check,
  lint,
  plan,
  steps,
  exec,
  shell,
  export_,
  twin,
  init,
  diff,
  explain,
  schema,
];
