/** A process of its own for each size, so that its memory is that size's alone: `raise.ts '{"bridges":1,...}'`. */
import "../../../src/cli/inlining.ts";
import { raise, type Size } from "./lab.ts";

const size = JSON.parse(process.argv[2]!) as Size;
const before = process.memoryUsage.rss();
const start = process.hrtime.bigint();
const lab = raise(size);
const seconds = Number(process.hrtime.bigint() - start) / 1e9;
const megabytes = process.resourceUsage().maxRSS / 1e3;
console.log(
  JSON.stringify({ seconds, megabytes, added: megabytes - before / 1e6, events: lab.world.scheduler.executed }),
);
