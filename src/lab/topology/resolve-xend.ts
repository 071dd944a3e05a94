/** What a host with xend says of its network script, and which bridges come of it. */
import { ERAS, type Era, XEN_VERSIONS } from "../../machine/era.ts";
import { listWords, type Path } from "./diagnostic.ts";
import type { HostPlan, NicPlan } from "./plan.ts";
import type { Ground } from "./resolve-network.ts";
import type { HostInput } from "./schema.ts";

/** xend-config.sxp as it is shipped; a host whose bridges are written out needs no script. */
const DEFAULT_SCRIPT = "network-bridge";
const WITH_XEND = XEN_VERSIONS.filter((version) => ERAS[version].toolstack === "xend");

export function resolveNetworkScripts({ desk }: Ground, path: Path, input: HostInput, era: Era): string[] {
  const written = input["network-script"];
  if (era.toolstack === "xl") {
    for (const key of ["network-script", "interfaces"] as const)
      if (input[key] !== undefined)
        desk.errorAtKey([...path, key], "wrong-era", `${key} belongs to a host with xend: Xen ${era.version} has xl`, {
          expected: `xen: ${listWords(WITH_XEND)}; with xl write bridges: { xenbr0: { ports: [eth0] } }`,
        });
    return [];
  }
  if (written === undefined) return desk.source.has([...path, "bridges"]) ? [] : [DEFAULT_SCRIPT];
  const list = typeof written === "string" ? [written] : written;
  return list.map((line) => line.trim().replace(/\s+/g, " ")).filter((line) => line !== "none");
}

/** The value behind NAME= in a script's arguments. */
export const argumentOf = (script: string, name: string): string | null =>
  new RegExp(` ${name}=(\\S+)`).exec(script)?.[1] ?? null;

/** The NIC behind the default route, as the scripts of 3.1 and 4.2 look it up. */
const defaultNic = (cards: readonly NicPlan[]): string =>
  (cards.find((nic) => nic.gateway !== null) ?? cards[0])?.name ?? "eth0";

/** The number that chooses veth, vif0 and bridge on a host with netloop. */
export function vifNumber(script: string, era: Era, cards: readonly NicPlan[]): string {
  const own = argumentOf(script, "vifnum");
  if (own !== null) return own;
  return era.vifnumOfDefaultNic ? defaultNic(cards).replace(/^\D*/, "") || "0" : "0";
}

export function nicOfScript(script: string, era: Era, cards: readonly NicPlan[]): string {
  const own = argumentOf(script, "netdev");
  if (own !== null) return own;
  return era.netloopPairs > 0 ? `eth${vifNumber(script, era, cards)}` : defaultNic(cards);
}

const makesBridge = (script: string): boolean => script.startsWith(DEFAULT_SCRIPT);

/** Names a vif may use: since 3.2 the bridge is called as the NIC, and xenbrN is understood as ethN. */
export function bridgesOfScript(script: string, era: Era, cards: readonly NicPlan[]): string[] {
  if (!makesBridge(script)) return [];
  const own = argumentOf(script, "bridge");
  if (own === "null") return [];
  if (own !== null) return [own];
  if (era.netloopPairs > 0) return [`xenbr${vifNumber(script, era, cards)}`];
  const nic = nicOfScript(script, era, cards);
  return [nic, ...(/^eth\d+$/.test(nic) ? [nic.replace("eth", "xenbr")] : [])];
}

/** What the network scripts leave behind beside the bridges: renamed NICs, netloop's pairs. */
export function devicesOfScripts({ xen, networkScripts, nics }: HostPlan): string[] {
  const era = ERAS[xen];
  const pairs = Array.from({ length: era.netloopPairs }, (_, number) => [`veth${number}`, `vif0.${number}`]).flat();
  const renamed = networkScripts
    .filter(makesBridge)
    .flatMap((script) => [`p${nicOfScript(script, era, nics)}`, ...bridgesOfScript(script, era, nics)]);
  return [...pairs, ...renamed];
}
