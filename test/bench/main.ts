/**
 * `npm run bench`: what things cost on this machine; `npm run bench -- path` only that part, `-- --against linux` the frame
 * path beside the kernel's (root, gcc), `-- --scale [--svg FILE]` cost against size as plots, `-- --soak [--frames N]` memory
 * over many frames. Nothing here passes or fails: goals stand beside the figures.
 */
import "../../src/cli/optimiser.ts";
import { parseArgs } from "node:util";
import { benchAgainstLinux } from "./against-linux.ts";
import { calibrate, cpuModel } from "./calibrate.ts";
import { benchNat } from "./nat-tables.ts";
import { benchPath } from "./path-tables.ts";
import { benchScale } from "./scale/tables.ts";
import { benchScreen } from "./screen/tables.ts";
import { benchSoak } from "./soak.ts";

type Part = () => void | Promise<void>;

const PARTS: Readonly<Record<string, Part>> = {
  path: benchPath,
  nat: benchNat,
  screen: benchScreen,
};
const OPPONENTS: Readonly<Record<string, Part>> = { linux: benchAgainstLinux };

const { values, positionals } = parseArgs({
  options: {
    against: { type: "string" },
    scale: { type: "boolean" },
    svg: { type: "string" },
    soak: { type: "boolean" },
    frames: { type: "string" },
  },
  allowPositionals: true,
});

function find(list: Readonly<Record<string, Part>>, name: string, what: string): Part {
  const part = list[name];
  if (part === undefined) throw new Error(`no ${what} ${name}: the bench has ${Object.keys(list).join(", ")}`);
  return part;
}

const parts = positionals.map((name) => find(PARTS, name, "part"));
if (values.against !== undefined) parts.push(find(OPPONENTS, values.against, "opponent"));
if (values.scale === true) parts.push(() => benchScale(values.svg ?? null));
else if (values.svg !== undefined) throw new Error("--svg draws what --scale measures");
if (values.soak === true) parts.push(() => benchSoak(count(values.frames ?? "100000000")));
else if (values.frames !== undefined) throw new Error("--frames says how long --soak runs");

function count(text: string): number {
  const frames = Number(text.replaceAll("_", ""));
  if (!Number.isSafeInteger(frames) || frames < 1000) throw new Error(`--frames ${text}: a number from 1000 on`);
  return frames;
}

console.log(`${cpuModel()}; node ${process.version}; calibration loop ${calibrate().toFixed(2)} ns a step`);
for (const part of parts.length > 0 ? parts : Object.values(PARTS)) await part();
