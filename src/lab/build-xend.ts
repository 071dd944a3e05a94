/**
 * How a host with xend comes up: netloop's pairs, the distribution's ifup, then xend with its network script. In the
 * textbook's telling the script is replaced by the textbook's lines.
 */
import { addNetloopPair } from "../device/netloop.ts";
import { INTERFACES_FILE } from "../machine/command/ifupdown/interfaces.ts";
import type { Era } from "../machine/era.ts";
import type { Machine } from "../machine/machine.ts";
import type { Script } from "../machine/setup/script.ts";
import type { Step } from "../machine/setup/step.ts";
import { textbookSteps, vifBridgeTextbook } from "../machine/setup/textbook-bridge.ts";
import { natBook, vifNatTextbook } from "../machine/setup/textbook-nat.ts";
import { routeBook, vifRouteDom0Book, vifRouteGuestBook } from "../machine/setup/textbook-route.ts";
import { type Cidr, formatCidr, formatIpv4 } from "../packet/address.ts";
import { modeOf } from "./topology/host-mode.ts";
import type { HostPlan, NicPlan } from "./topology/plan.ts";
import { bridgesOfScript, nicOfScript, vifNumber } from "./topology/resolve-xend.ts";

const SCRIPTS = "/etc/xen/scripts";

/** The scripts in the file tree: the era's, with the textbook's in place of the real vif scripts when it is told. */
export function hostScripts(plan: HostPlan, era: Era): readonly Script[] {
  const scripts = era.scripts[plan.distro];
  if (plan.telling === "script") return scripts;
  const route = plan.telling === "textbook" ? vifRouteGuestBook : vifRouteDom0Book;
  const told = [vifBridgeTextbook, route, vifNatTextbook];
  return scripts.map((script) => told.find(({ path }) => path === script.path) ?? script);
}

/** What a mode is switched on with where no script does it: in another telling that has its own word. */
const OF_MODE = /^net\.ipv4\.(ip_forward$|conf\..*\.proxy_arp$)/;

/**
 * The textbook's telling of a host without xend: as if it had one, and netloop's pair, so that its eight steps can be taken
 * there too. What the topology says of the bridge becomes what it says of the NIC.
 */
export function toldPlan(plan: HostPlan, era: Era): HostPlan {
  if (plan.telling === "script") return plan;
  if (modeOf(plan) !== "bridge") return { ...plan, sysctl: plan.sysctl.filter(({ name }) => !OF_MODE.test(name)) };
  if (era.toolstack === "xend") return plan;
  const bridges = plan.bridges.filter((bridge) => bridge.ports.length > 0);
  const nics = plan.nics.map((nic) => {
    const bridge = bridges.find(({ ports }) => ports[0] === nic.name);
    return bridge === undefined ? nic : { ...nic, addresses: bridge.addresses, gateway: bridge.gateway };
  });
  const networkScripts = bridges.map(({ name, ports }) => `network-bridge netdev=${ports[0]} bridge=${name}`);
  return { ...plan, nics, networkScripts, bridges: plan.bridges.filter((bridge) => !bridges.includes(bridge)) };
}

/** Makes netloop's pairs and the distribution's file, and tells the lines that follow. */
export function xendSteps(plan: HostPlan, era: Era, machine: Machine): Step[] {
  const pairs = plan.telling !== "script" ? Math.max(era.netloopPairs, plan.networkScripts.length) : era.netloopPairs;
  for (let number = 0; number < pairs; number++) addNetloopPair(machine.table, number);
  machine.files.makePath("/etc/network");
  machine.files.write(INTERFACES_FILE, plan.interfaces ?? interfacesText(plan.nics));
  const ports = new Set(plan.bridges.flatMap((bridge) => bridge.ports));
  const known = plan.nics.filter((nic) => nic.addresses.length > 0 && !ports.has(nic.name));
  return [
    ...known.map((nic) => ({
      run: `ifup ${nic.name}`,
      why: "The distribution brings the NIC up, before anything of Xen runs.",
    })),
    ...(plan.telling === "script" ? plan.networkScripts.map(run) : []),
  ];
}

/** What the textbook has a host do, once its NICs are up. */
export function bookSteps(plan: HostPlan, era: Era): readonly Step[] {
  if (plan.telling === "script") return [];
  const mode = modeOf(plan);
  if (mode === "route") return routeBook;
  if (mode === "bridge") return plan.networkScripts.flatMap((script, i) => told(script, plan, era, i));
  const nic = plan.nics.find(({ gateway }) => gateway !== null) ?? plan.nics[0];
  const [network] = plan.libvirt;
  const range = network?.definition.ips.flatMap(({ ranges }) => ranges)[0];
  return natBook({
    nic: nic?.name ?? "eth0",
    bridge: network?.bridge ?? "virbr0",
    addresses: network === undefined ? gatewaysOf(plan) : network.definition.ips,
    leases: range ?? null,
  });
}

/** What the guests take for their gateways, each with the prefix of that guest's address. */
function gatewaysOf({ domains }: HostPlan): Cidr[] {
  const found = new Map<number, Cidr>();
  for (const { gateway, addresses } of domains.flatMap(({ inside }) => inside))
    if (gateway !== null) found.set(gateway, { address: gateway, prefix: addresses[0]?.prefix ?? 24 });
  return [...found.values()];
}

function run(script: string): Step {
  const [name, ...words] = script.split(" ");
  return {
    run: [`${SCRIPTS}/${name}`, "start", ...words].join(" "),
    why: "xend runs its network script once, when it starts, and does not ask how it ended.",
    overlooked: true,
  };
}

function told(script: string, plan: HostPlan, era: Era, index: number): Step[] {
  const name = nicOfScript(script, era, plan.nics);
  const nic = plan.nics.find((each) => each.name === name);
  if (nic === undefined) return [];
  const pair = era.netloopPairs > 0 ? vifNumber(script, era, plan.nics) : String(index);
  const named = bridgesOfScript(script, era, plan.nics).find((bridge) => bridge !== nic.name);
  return textbookSteps({ ...nic, nic: nic.name, bridge: named ?? `xenbr${pair}`, pair });
}

function interfacesText(nics: readonly NicPlan[]): string {
  const stanzas = nics.flatMap((nic) => {
    const [first, ...more] = nic.addresses;
    if (first === undefined) return [];
    return [
      `auto ${nic.name}`,
      `iface ${nic.name} inet static`,
      `\taddress ${formatCidr(first)}`,
      ...(nic.gateway === null ? [] : [`\tgateway ${formatIpv4(nic.gateway)}`]),
      ...(nic.mtu === 1500 ? [] : [`\tmtu ${nic.mtu}`]),
      ...more.flatMap((cidr) => [
        `\tup ip addr add ${formatCidr(cidr)} brd + dev ${nic.name}`,
        `\tdown ip addr del ${formatCidr(cidr)} dev ${nic.name} || true`,
      ]),
      "",
    ];
  });
  return ["auto lo", "iface lo inet loopback", "", ...stanzas].join("\n");
}
