/** How a host's guests reach the network: bridged, routed or behind NAT, as its scripts, vifs and libvirt networks say. */
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

type Scripted = Pick<HostPlan, "vifScript" | "networkScripts" | "libvirt" | "bridges"> & {
  readonly domains: readonly {
    readonly vifs: readonly { readonly script: string | null; readonly bridge: string | null }[];
  }[];
};

/** The vifs decide, then what would be theirs, then what xend runs, then the networks of libvirt. */
export function modeOf(host: Scripted): Mode {
  const { vifScript, networkScripts, domains } = host;
  const scripts = [
    ...domains.flatMap(({ vifs }) => vifs.map(({ script }) => script ?? vifScript)),
    vifScript,
    ...networkScripts,
  ];
  return scripts.map((script) => MODES[scriptName(script)]).find((mode) => mode !== undefined) ?? modeOfBridges(host);
}

/** A bridge of libvirt's is no way to the LAN by itself: what is on it is routed, and masqueraded unless its XML says other. */
function modeOfBridges({ domains, libvirt, bridges, networkScripts }: Scripted): Mode {
  const vifs = domains.flatMap((domain) => domain.vifs);
  const known = libvirt.filter(({ definition }) => definition.forward.mode !== "none");
  const network = ({ bridge }: { readonly bridge: string | null }) => known.find((each) => each.bridge === bridge);
  const bridged =
    vifs.length > 0 ? vifs.some((vif) => network(vif) === undefined) : bridges.length + networkScripts.length > 0;
  const first = vifs.length > 0 ? network(vifs[0]!) : known[0];
  if (bridged || first === undefined) return "bridge";
  return first.definition.forward.mode === "nat" ? "nat" : "route";
}
