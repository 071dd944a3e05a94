/** The bridge that a vif is to join. */
import { ERAS } from "../../machine/era.ts";
import { DEFAULT_BRIDGE } from "../../xen/vif-config.ts";
import { listWords } from "../topology/diagnostic.ts";
import { type HostFacts, stepWhere } from "./scene.ts";
import { type Found, listed, type TrapFinder } from "./trap.ts";

const bridged = (script: string): boolean => script.startsWith("vif-bridge");

export const missingBridge: TrapFinder = {
  name: "missing-bridge",
  find: (host) => {
    const there = host.now.bridges.map(({ device }) => device.name);
    const wanting = new Map<string | null, string[]>();
    for (const { plan, script, title, device } of host.vifs) {
      const bridge = plan.bridge ?? defaultOf(host);
      if (!bridged(script) || isThere(bridge, there) || device !== null) continue;
      const isNamed = plan.bridge !== null;
      const who = isNamed || bridge === null ? title : `${title}, which names no bridge,`;
      wanting.set(bridge, [...(wanting.get(bridge) ?? []), who]);
    }
    return [...wanting].map(([bridge, who]) => trapOf(listed(who), bridge, there));
  },
};

/** What a vif joins that names none: xl writes the one of xl.conf into xenstore; xend leaves the choice to the script. */
const defaultOf = ({ plan }: HostFacts): string | null =>
  ERAS[plan.xen].toolstack === "xl" && plan.telling === "script" ? DEFAULT_BRIDGE : null;

function trapOf(who: string, bridge: string | null, there: readonly string[]): Found {
  const made = bridge ?? DEFAULT_BRIDGE;
  return {
    what:
      bridge === null
        ? `${who} names no bridge, and there is none that could be taken.`
        : `${who} is to join the bridge ${bridge}, and there is ${there.length === 0 ? "none" : `only ${there.join(", ")}`}.`,
    step:
      bridge === null
        ? "vif-bridge online: the first line of `brctl show`"
        : `vif-bridge online: ip link show dev ${bridge}`,
    why: "The script gives up, and the toolstack gives up the guest.",
    mend: [
      there.length > 0
        ? `${listWords(there.map((name) => `bridge=${name}`))} in the vif's configuration`
        : `brctl addbr ${made}; ip link set ${made} up`,
    ],
  };
}

/** The guest has started, and the bridge has been taken away after that. */
export const goneBridge: TrapFinder = {
  name: "bridge-gone",
  find: (host) => {
    const there = host.now.bridges.map(({ device }) => device.name);
    return host.vifs.flatMap(({ plan, script, title, device }) => {
      const bridge = plan.bridge ?? defaultOf(host);
      if (device === null || bridge === null || !bridged(script) || isThere(bridge, there)) return [];
      const network = host.plan.libvirt.find((each) => each.bridge === bridge)?.definition.name;
      return [
        {
          what: `The bridge ${bridge}, which ${title} was a port of, is gone.`,
          step: stepWhere(host, network === undefined ? /(delbr|ip link del)/ : /net-destroy/),
          why: "Its ports are let go of when a bridge is taken away. They stay up, and what they take goes nowhere.",
          mend: [
            network === undefined ? `brctl addbr ${bridge}; ip link set ${bridge} up` : `virsh net-start ${network}`,
            `brctl addif ${bridge} ${device.name}`,
          ],
        },
      ];
    });
  },
};

/** vif-bridge takes ethN for xenbrN where only that one is a bridge. */
const isThere = (bridge: string | null, there: readonly string[]): boolean =>
  bridge === null ? there.length > 0 : there.includes(bridge) || there.includes(bridge.replace(/^xenbr/, "eth"));

export const firstBridge: TrapFinder = {
  name: "first-bridge",
  find: (host) => {
    const names = host.now.bridges.map(({ device }) => device.name);
    const open = host.vifs.filter(
      ({ plan, script, device }) => plan.bridge === null && bridged(script) && device !== null,
    );
    if (names.length < 2 || open.length === 0 || defaultOf(host) !== null) return [];
    return open.map((vif) => ({
      what: `${vif.title} names no bridge, of ${names.length} there are, and has come to be in ${vif.device!.master ?? "none"}.`,
      step: "vif-bridge online: the bridge in the first line of `brctl show`",
      why: "Which one comes first may be another after the next boot.",
      mend: [`bridge=${vif.device!.master ?? names[0]} in the vif's configuration`],
    }));
  },
};
