/** What one run of `bridge` hands from its options to its objects, and how it ends. */
import { ERRNO_TEXT, type Errno } from "../../../stack/errno.ts";
import type { Box } from "../../box.ts";
import type { Process } from "../../process.ts";
import { type Json, jsonText } from "../ip/json.ts";
import { Misuse, type Words } from "../ip/words.ts";

export interface BridgeOptions {
  details: boolean;
  statistics: boolean;
  oneLine: boolean;
  json: boolean;
  pretty: boolean;
  timestamps: boolean;
}

export interface BridgeRun {
  readonly process: Process;
  readonly machine: Box;
  readonly options: BridgeOptions;
  readonly words: Words;
}

/** What is not modelled is refused, never ignored. */
export const notModelled = (what: string): Misuse => new Misuse(`bridge: ${what}: not modelled`);

/** The kernel's refusal as iproute2 prints it; `bridge` then ends with -1. */
export function refused(run: BridgeRun, errno: Errno): number {
  run.process.error(`RTNETLINK answers: ${ERRNO_TEXT[errno]}\n`);
  return 255;
}

export function printJson(run: BridgeRun, value: Json): number {
  run.process.print(jsonText(value, run.options.pretty));
  return 0;
}
