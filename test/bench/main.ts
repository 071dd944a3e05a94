/**
 * `npm run bench`: what things cost on this machine; `npm run bench -- path` or `-- screen` only that part. Nothing here
 * passes or fails: goals stand beside the figures.
 */
import "../../src/cli/inlining.ts";
import { calibrate, cpuModel } from "./calibrate.ts";
import { benchNat } from "./nat-tables.ts";
import { benchPath } from "./path-tables.ts";
import { benchScreen } from "./screen/tables.ts";

const PARTS: Readonly<Record<string, () => void | Promise<void>>> = {
  path: benchPath,
  nat: benchNat,
  screen: benchScreen,
};

const wanted = process.argv.slice(2);
const unknown = wanted.find((name) => PARTS[name] === undefined);
if (unknown !== undefined) throw new Error(`no part ${unknown}: the bench has ${Object.keys(PARTS).join(", ")}`);

console.log(`${cpuModel()}; node ${process.version}; calibration loop ${calibrate().toFixed(2)} ns a step`);
for (const name of wanted.length > 0 ? wanted : Object.keys(PARTS)) await PARTS[name]!();
