/**
 * ethtool(8) 6.1: settings, driver, statistics and offload features. Follows ethtool.c and netlink/ of ethtool 6.1.
 * Not modelled: everything that changes a device but its transmit checksums.
 */
import type { NetDevice } from "../../../device/device.ts";
import { formatMac, ZERO_MAC } from "../../../packet/address.ts";
import type { Command } from "../../command.ts";
import type { Process } from "../../process.ts";
import { featureLines, featuresNamed, switchFeatures } from "./features.ts";
import { settingsText } from "./settings.ts";

const NO_DEVICE = "netlink error: no device matches name (offset 24)\nnetlink error: No such device\n";

type Verb = "settings" | "-i" | "-S" | "-k" | "-K" | "-P";

const VERBS: readonly (readonly [long: string, verb: Verb])[] = [
  ["--driver", "-i"],
  ["--statistics", "-S"],
  ["--show-features", "-k"],
  ["--show-offload", "-k"],
  ["--features", "-K"],
  ["--offload", "-K"],
  ["--show-permaddr", "-P"],
];

export const ethtool: Command = {
  name: "ethtool",
  summary: "Query and control network drivers and hardware.",
  usage: "ethtool [-i|-S|-k|-P] devname | ethtool -K devname feature on|off ...",
  options: [
    { flag: "-i", text: "show driver information" },
    { flag: "-S", text: "show the driver's statistics" },
    { flag: "-k", text: "show offload features" },
    { flag: "-K", text: "switch offload features" },
    { flag: "-P", text: "show the permanent address" },
  ],
  operands: ["interface", "text"],
  words: ["tx", "rx", "sg", "tso", "gso", "gro", "on", "off"],
  start(process) {
    const [first = "", ...rest] = process.argv.slice(1);
    if (first === "--version") return answer(process, "ethtool version 6.1\n");
    if (first === "-h" || first === "--help")
      return answer(process, `ethtool version 6.1\nUsage:\n        ${ethtool.usage}\n`);
    if (!first.startsWith("-")) return first === "" ? badLine(process) : run(process, "settings", first, rest);
    const verb = VERBS.find(([long, short]) => first === long || first === short)?.[1];
    if (verb === undefined)
      return /^-[aAcCgGlLsdeEnNprtTuUwWxXm]$/.test(first) ? notModelled(process, first) : badLine(process);
    const [name, ...more] = rest;
    return name === undefined ? badLine(process) : run(process, verb, name, more);
  },
};

function answer(process: Process, text: string): number {
  process.print(text);
  return 0;
}

function badLine(process: Process): number {
  process.error("ethtool: bad command line argument(s)\nFor more information run ethtool -h\n");
  return 1;
}

const notModelled = (process: Process, what: string): number => process.fail(`${what}: not modelled`);

function run(process: Process, verb: Verb, name: string, words: readonly string[]): number {
  const device = process.machine.table.find(name);
  if (device === null) return missing(process, verb);
  switch (verb) {
    case "settings":
      return answer(process, settingsText(device));
    case "-i":
      return driver(process, device);
    case "-S":
      return statistics(process, device);
    case "-k":
      return answer(process, `Features for ${name}:\n${featureLines(device).join("\n")}\n`);
    case "-P":
      return answer(process, `Permanent address: ${permanentAddress(device)}\n`);
    case "-K":
      return change(process, device, words);
  }
}

/** The kernel gives a random address as none, and netloop's host end is born without. */
const permanentAddress = (device: NetDevice): string =>
  device.kind === "" && device.permanentMac !== ZERO_MAC ? formatMac(device.permanentMac) : "not set";

/** Each part of ethtool asks the kernel in its own way, and has its own exit code. */
function missing(process: Process, verb: Verb): number {
  if (verb === "settings") {
    process.error(`${NO_DEVICE.repeat(5)}`);
    process.print("No data available\n");
    return 75;
  }
  if (verb === "-i" || verb === "-S") {
    process.error(`Cannot get ${verb === "-i" ? "driver" : "stats strings"} information: No such device\n`);
    return verb === "-i" ? 71 : 96;
  }
  process.error(NO_DEVICE);
  return verb === "-K" ? 92 : 1;
}

/** Versions that drivers name themselves; the others show the kernel's release. */
const VERSIONS: Readonly<Record<string, readonly [version: string, firmware: string]>> = {
  veth: ["1.0", ""],
  bridge: ["2.3", "N/A"],
};

function driver(process: Process, device: NetDevice): number {
  const { driver, busInfo } = device.traits;
  if (driver === "") {
    process.error("Cannot get driver information: Operation not supported\n");
    return 71;
  }
  const [version, firmware] = VERSIONS[driver] ?? [process.machine.release, ""];
  const isPci = /^[0-9a-f]{4}:/.test(busInfo);
  const able = (yes: boolean): string => (yes ? "yes" : "no");
  return answer(
    process,
    `driver: ${driver}
version: ${version}
firmware-version: ${firmware}
expansion-rom-version: 
bus-info: ${busInfo}
supports-statistics: ${able(statisticsOf(device).length > 0)}
supports-test: ${able(isPci)}
supports-eeprom-access: ${able(isPci)}
supports-register-dump: ${able(isPci)}
supports-priv-flags: no
`,
  );
}

const statisticsOf = (device: NetDevice): readonly (readonly [string, number])[] => device.statistics();

function statistics(process: Process, device: NetDevice): number {
  const all = statisticsOf(device);
  if (all.length === 0) {
    process.error("no stats available\n");
    return 94;
  }
  return answer(process, `NIC statistics:\n${all.map(([name, value]) => `     ${name}: ${value}\n`).join("")}`);
}

function change(process: Process, device: NetDevice, words: readonly string[]): number {
  const wanted = new Map<string, boolean>();
  if (words.length === 0) {
    process.error("Could not change any device features\n");
    return 1;
  }
  for (let at = 0; at < words.length; at += 2) {
    const [word, state] = [words[at]!, words[at + 1]];
    if (state !== "on" && state !== "off") {
      process.error(
        `ethtool (-K): flag '${state ?? "(null)"}' for parameter '(null)' is not followed by 'on' or 'off'\n`,
      );
      return 1;
    }
    const names = featuresNamed(word);
    if (names === null) {
      process.error("netlink error: bit name not found (offset 52)\nnetlink error: Operation not supported\n");
      return 92;
    }
    for (const name of names) wanted.set(name, state === "on");
  }
  const changes = switchFeatures(device, wanted);
  return answer(process, changes.length === 0 ? "" : `Actual changes:\n${changes.join("\n")}\n`);
}
