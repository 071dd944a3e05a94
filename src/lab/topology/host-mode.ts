/** How a host's guests reach the network: bridged, routed or behind NAT, as its scripts and vifs say. */
import type { Mode } from "../../machine/setup/textbook.ts";
import type { HostPlan } from "./plan.ts";

/** Scripts that need no bridge. */
export const BRIDGELESS: readonly string[] = ["vif-route", "vif-nat"];

/** The script's own name, of a line that may have a path before and arguments behind it. */
export const scriptName = (line: string): string => line.trim().split(" ")[0]!.split("/").at(-1)!;

const MODES: Readonly<Record<string, Mode>> = {
  "vif-route": "route",
  "network-route": "route",
  "vif-nat": "nat",
  "network-nat": "nat",
};

type Scripted = Pick<HostPlan, "vifScript" | "networkScripts"> & {
  readonly domains: readonly { readonly vifs: readonly { readonly script: string | null }[] }[];
};

/** The vifs decide, then what would be theirs, then what xend runs. */
export function modeOf({ vifScript, networkScripts, domains }: Scripted): Mode {
  const scripts = [
    ...domains.flatMap(({ vifs }) => vifs.map(({ script }) => script ?? vifScript)),
    vifScript,
    ...networkScripts,
  ];
  return scripts.map((script) => MODES[scriptName(script)]).find((mode) => mode !== undefined) ?? "bridge";
}
