/** `npm run bench -- --scale [--svg FILE]`: what guests, flows and ports cost, as tables and as plots. */
import { writeFileSync } from "node:fs";
import { cpuModel } from "../calibrate.ts";
import type { Chart } from "./chart.ts";
import type { Size } from "./lab.ts";
import { flowPoint, type PortCost, portCost, type Raised, raised } from "./series.ts";
import { svgPlot } from "./svg-plot.ts";
import { terminalPlot } from "./terminal-plot.ts";

const GUESTS = [1, 10, 30, 100, 300, 1000];
const DISTROS = ["upstream", "debian"] as const;
/** Without pings: five million flooded questions would be a bench of their own. */
const MANY: Size = { bridges: 10, guests: 1000, distro: "upstream", pings: false };
const FLOWS = [1, 10, 100, 1_000, 10_000, 60_000];
const PORTS = [2, 8, 32, 128, 512, 1023];

export function benchScale(svg: string | null): void {
  const labs = benchGuests();
  const flows = FLOWS.map(flowPoint);
  // What runs first is compiled meanwhile: it is not counted.
  portCost(PORTS[0]!);
  const ports = PORTS.map(portCost);
  const charts = [timeChart(labs), memoryChart(labs), flowChart(flows), portChart(ports)];
  for (const chart of charts) console.log(`\n${terminalPlot(chart)}`);
  if (svg === null) return;
  const about = `${cpuModel()}, node ${process.version}; npm run bench -- --scale --svg`;
  writeFileSync(svg, svgPlot("xenlab: cost against size", about, charts));
  console.log(`\n${svg} written`);
}

function benchGuests(): readonly Raised[] {
  console.log("\nfrom YAML to every guest having booted and pinged domain 0, a process each, the better of two runs");
  console.log("bridges  guests  pinged  scripts     seconds  of CPU  MB of the process  MB of the lab     events");
  const sizes = DISTROS.flatMap((distro) => GUESTS.map((guests) => ({ bridges: 1, guests, distro, pings: true })));
  const labs = [...sizes, MANY].map((size) => {
    const lab = raised(size);
    console.log(row(lab));
    return lab;
  });
  return labs;
}

function row({ size, seconds, cpuSeconds, megabytes, added, events }: Raised): string {
  return [
    String(size.bridges).padStart(7),
    String(size.bridges * size.guests).padStart(7),
    (size.pings ? "yes" : "no").padStart(7),
    ` ${size.distro.padEnd(9)}`,
    seconds.toFixed(2).padStart(9),
    cpuSeconds.toFixed(2).padStart(7),
    megabytes.toFixed(0).padStart(18),
    added.toFixed(1).padStart(14),
    String(events).padStart(10),
  ].join(" ");
}

const onOneBridge = (labs: readonly Raised[], distro: Size["distro"]): readonly Raised[] =>
  labs.filter(({ size }) => size.distro === distro && size.bridges === 1);

function timeChart(labs: readonly Raised[]): Chart {
  return {
    title: "From YAML to all guests having pinged domain 0",
    x: "guests on one bridge",
    y: "seconds",
    yScale: "log",
    series: DISTROS.map((distro) => ({
      name: `vif scripts: ${distro}`,
      points: onOneBridge(labs, distro).map(({ size, seconds }) => [size.guests, seconds] as const),
    })),
  };
}

function memoryChart(labs: readonly Raised[]): Chart {
  return {
    title: "Memory that the lab holds",
    x: "guests on one bridge",
    y: "MB",
    yScale: "log",
    series: DISTROS.map((distro) => ({
      name: `vif scripts: ${distro}`,
      points: onOneBridge(labs, distro).map(({ size, added }) => [size.guests, added] as const),
    })),
  };
}

const flowChart = (points: readonly (readonly [number, number])[]): Chart => ({
  title: "A frame through conntrack and MASQUERADE",
  x: "UDP flows, in turn",
  y: "ns per 60-byte frame",
  yScale: "linear",
  series: [{ name: "guest to outside", points }],
});

const portChart = (costs: readonly PortCost[]): Chart => ({
  title: "A frame through both rings and the bridge",
  x: "ports of the bridge, a guest behind each",
  y: "ns per 60-byte frame",
  yScale: "linear",
  series: [
    { name: "to each in turn", points: costs.map(({ ports, unicast }) => [ports, unicast] as const) },
    { name: "a copy of a broadcast", points: costs.map(({ ports, copy }) => [ports, copy] as const) },
  ],
});
