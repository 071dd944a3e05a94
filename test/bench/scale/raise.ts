/** A process of its own for each size, so that its memory is that size's alone: `raise.ts '{"bridges":1,...}'`. */
import "../../../src/cli/optimiser.ts";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { raise, type Size } from "./lab.ts";

const size = JSON.parse(process.argv[2]!) as Size;
setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

/** What is in use, in MB: objects, and buffers beside the heap. */
function held(): number {
  collect();
  const { heapUsed, external } = process.memoryUsage();
  return (heapUsed + external) / 1e6;
}

const before = held();
const start = process.hrtime.bigint();
const usage = process.cpuUsage();
const lab = raise(size);
const { user, system } = process.cpuUsage(usage);
const seconds = Number(process.hrtime.bigint() - start) / 1e9;
const cpuSeconds = (user + system) / 1e6;
const megabytes = process.resourceUsage().maxRSS / 1e3;
const { executed: events } = lab.world.scheduler;
console.log(JSON.stringify({ seconds, cpuSeconds, megabytes, added: held() - before, events }));
