/** A lab in two worlds, the emulator and a real kernel, and what they are compared by. What runs the real one is the CLI's. */
export { compareWorlds, type Row as TwinRow, type TwinReport } from "./compare.ts";
export { runEmulated } from "./emulated.ts";
export type { WorldRecord } from "./looks.ts";
export { twinScript } from "./onlooker.ts";
export { atTimesOf, type Played, stage as stageTwin } from "./staging.ts";
