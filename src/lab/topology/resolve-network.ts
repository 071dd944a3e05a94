/** Networks, and the cards that are plugged into them. */

import { ZERO } from "../../engine/time.ts";
import {
  broadcastOf,
  type Cidr,
  formatCidr,
  formatIpv4,
  type Ipv4,
  maskOf,
  networkOf,
  parseCidr,
  parseIpv4,
  parseMac,
} from "../../packet/address.ts";
import type { Desk } from "./desk.ts";
import { adviseWord, listWords, type Path, quoteWord } from "./diagnostic.ts";
import type { MacAddresses } from "./mac-addresses.ts";
import { keysOf } from "./names.ts";
import type { NetworkPlan, NicPlan } from "./plan.ts";
import type { NetworkInput, NicInput, TopologyInput } from "./schema.ts";
import { parseBitRate, parseDuration, parseShare } from "./units.ts";

/** What every part of the resolution needs. */
export interface Ground {
  readonly desk: Desk;
  readonly macs: MacAddresses;
  readonly networks: readonly NetworkPlan[];
  /** also those whose description is wrong */
  readonly networkNames: readonly string[];
  /** The text of a file that the topology names; null when there is none, or nobody who could read it. */
  readFile(path: string): string | null;
}

const DEFAULT_NETWORK = "lan";
const DEFAULT_MTU = 1500;

/** A topology that names no network has one. */
export function resolveNetworks(input: TopologyInput, desk: Desk): { networks: NetworkPlan[]; networkNames: string[] } {
  const written = keysOf(input.networks, desk, ["networks"]);
  if (written.length === 0)
    return {
      networks: [resolveNetwork(DEFAULT_NETWORK, {})],
      networkNames: [DEFAULT_NETWORK],
    };
  const networks = Object.entries(input.networks ?? {}).map(([name, network]) => resolveNetwork(name, network ?? {}));
  return { networks, networkNames: written };
}

function resolveNetwork(name: string, input: NetworkInput): NetworkPlan {
  return {
    name,
    kind: input.kind ?? "switch",
    rate: parseBitRate(input.rate) ?? 0,
    delay: parseDuration(input.delay) ?? ZERO,
    jitter: parseDuration(input.jitter) ?? ZERO,
    loss: parseShare(input.loss) ?? 0,
    duplicate: parseShare(input.duplicate) ?? 0,
    reorder: parseShare(input.reorder) ?? 0,
    corrupt: parseShare(input.corrupt) ?? 0,
    mtu: input.mtu ?? DEFAULT_MTU,
  };
}

export function resolveNics(
  ground: Ground,
  machine: string,
  prefix: number,
  path: Path,
  nics: Readonly<Record<string, NicInput | null>>,
): NicPlan[] {
  return Object.entries(nics).map(([name, nic]) => {
    const at = [...path, name];
    return resolveNic(ground, { machine, name, prefix }, at, nic ?? {});
  });
}

interface Owner {
  readonly machine: string;
  readonly name: string;
  readonly prefix: number;
}

function resolveNic(ground: Ground, owner: Owner, path: Path, input: NicInput): NicPlan {
  const network = findNetwork(ground, path, input.network);
  const addresses = resolveAddresses(ground.desk, [...path, "ip"], input.ip);
  const gateway = toIpv4(input.gateway);
  if (gateway !== null) checkGateway(ground.desk, [...path, "gateway"], gateway, addresses, owner.name);
  return {
    name: owner.name,
    network: network?.name ?? "",
    mac: (input.mac && parseMac(input.mac)) || ground.macs.generate(owner.prefix, owner.machine, owner.name),
    addresses,
    gateway,
    mtu: input.mtu ?? network?.mtu ?? DEFAULT_MTU,
    ...resolveNames(ground.desk, path, input),
  };
}

/** Both ways to an address at once are a mistake, whichever was meant. */
export function resolveNames(
  desk: Desk,
  path: Path,
  input: { readonly ip?: unknown; readonly dhcp?: boolean | undefined; readonly dns?: string | string[] | undefined },
): { dhcp?: true; dns?: Ipv4[] } {
  if (input.dhcp && input.ip !== undefined) {
    desk.errorAtKey([...path, "dhcp"], "bad-value", "the address comes from DHCP and is written here as well", {
      expected: "ip or dhcp",
    });
  }
  const written = typeof input.dns === "string" ? [input.dns] : (input.dns ?? []);
  const dns = written.flatMap((one) => parseIpv4(one) ?? []);
  return { ...(input.dhcp ? { dhcp: true } : {}), ...(dns.length > 0 ? { dns } : {}) };
}

function findNetwork(ground: Ground, path: Path, name: string | undefined): NetworkPlan | undefined {
  const { desk, networks, networkNames } = ground;
  if (name !== undefined) {
    if (!networkNames.includes(name)) {
      const message = `there is no network ${quoteWord(name)}`;
      desk.error([...path, "network"], "unknown-network", message, adviseWord(name, networkNames));
    }
    return networks.find((network) => network.name === name);
  }
  const wrong = desk.source.has([...path, "network"]);
  if (networkNames.length > 1 && !wrong) {
    const message = `${quoteWord(String(path.at(-1)))} does not say which network it is plugged into`;
    desk.errorAtKey(path, "missing-key", message, {
      expected: `network: ${listWords(networkNames)}`,
    });
  }
  return networks[0];
}

export const toIpv4 = (written: string | undefined): Ipv4 | null => (written === undefined ? null : parseIpv4(written));

export function toCidrs(written: string | readonly string[] | undefined): Cidr[] {
  const list = typeof written === "string" ? [written] : (written ?? []);
  return list.flatMap((one) => parseCidr(one) ?? []);
}

/** Linux takes the first and the last address of a net for an interface, and answers to them; no other machine does. */
export function resolveAddresses(desk: Desk, path: Path, written: string | readonly string[] | undefined): Cidr[] {
  const addresses = toCidrs(written);
  for (const cidr of addresses) {
    const { address, prefix } = cidr;
    const first = networkOf(address, prefix);
    const last = broadcastOf(address, prefix);
    if (prefix > 30 || (address !== first && address !== last)) continue;
    const what = address === first ? "the address of the network itself" : "the broadcast address of its network";
    desk.warn(path, "not-a-host-address", `${formatCidr(cidr)} is ${what}, and no address of an interface`, {
      expected: `one from ${formatIpv4((first + 1) as Ipv4)} to ${formatIpv4((last - 1) as Ipv4)}`,
    });
  }
  return addresses;
}

/** A gateway that no address can reach is a mistake worth watching in a lab, so it is only told. */
export function checkGateway(desk: Desk, path: Path, gateway: Ipv4, addresses: readonly Cidr[], device: string): void {
  const reachable = addresses.some(({ address, prefix }) => ((address ^ gateway) & maskOf(prefix)) === 0);
  const wrong = addresses.length === 0 && desk.source.has([...path.slice(0, -1), "ip"]);
  if (reachable || wrong) return;
  const nets = addresses.length === 0 ? "which has no address" : `which has ${addresses.map(formatCidr).join(", ")}`;
  const message = `the gateway ${formatIpv4(gateway)} is outside every net of ${device}, ${nets}`;
  desk.warn(path, "gateway-outside", message);
}

/** A cable has two ends. */
export function checkCables(desk: Desk, networks: readonly NetworkPlan[], nics: readonly NicPlan[]): void {
  for (const { name } of networks.filter(({ kind }) => kind === "cable")) {
    const ends = nics.filter((nic) => nic.network === name).length;
    const path = ["networks", name];
    const message = `the cable ${quoteWord(name)} has ${ends} ${ends === 1 ? "end" : "ends"}`;
    if (ends > 2)
      desk.errorAtKey(path, "cable-ends", message, {
        expected: "two NICs, or `kind: switch`",
      });
    else if (ends < 2)
      desk.add("warning", desk.source.key(path), path, "cable-ends", message, {
        expected: "two NICs",
      });
  }
}
