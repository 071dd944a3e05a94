/** `--capture`: all, none, or points. */
import type { Lab, Plan } from "../lab/index.ts";
import { CliError } from "./cli-error.ts";
import { machineNames } from "./topology-file.ts";

/** A sentence for each device that was named and never came up; it names those that did. */
export function notThere(lab: Lab): string[] {
  return (lab.captures?.missing ?? []).map((point) => {
    const machine = point.slice(0, point.indexOf(":"));
    const there = lab.find(machine)?.table.devices.map(({ name }) => name) ?? [];
    const known = there.length === 0 ? "" : `; there are ${there.join(", ")}`;
    return `--capture ${point}: no such device came up on ${machine}${known}`;
  });
}

/** What to capture: the topology's own wish where nothing is said. */
export function capturePlan(plan: Plan, wanted: readonly string[] | undefined): Plan["capture"] {
  if (wanted === undefined) return plan.capture;
  const words = wanted.flatMap((each) => each.split(","));
  if (words.includes("all")) return { all: true, points: [] };
  if (words.includes("none")) return { all: false, points: [] };
  return {
    all: false,
    points: words.map((word) => {
      const [machine, device, more] = word.split(":");
      if (!machine || !device || more !== undefined)
        throw new CliError(`--capture ${word}: expected all, none, or machine:device, e.g. xen1:vif1.0`);
      const known = machineNames(plan);
      if (!known.includes(machine))
        throw new CliError(`--capture ${word}: no machine ${machine}; there are ${known.join(", ")}`);
      return {
        machine,
        device,
        filter: null,
        promiscuous: true,
        snaplen: 262_144,
      };
    }),
  };
}
