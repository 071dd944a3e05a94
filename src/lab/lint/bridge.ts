/** The bridge that a vif is to join. */
import { listed, type TrapFinder } from "./trap.ts";

const bridged = (script: string): boolean => script.startsWith("vif-bridge");

export const missingBridge: TrapFinder = {
  name: "missing-bridge",
  find: (host) => {
    const there = host.now.bridges.map(({ device }) => device.name);
    const wanting = host.vifs.filter(
      ({ plan, script }) => plan.bridge !== null && bridged(script) && !isThere(plan.bridge, there),
    );
    return [...new Set(wanting.map(({ plan }) => plan.bridge!))].map((bridge) => ({
      what: `${listed(wanting.filter(({ plan }) => plan.bridge === bridge).map(({ title }) => title))} is to join the bridge ${bridge}, and there is ${there.length === 0 ? "none" : `only ${there.join(", ")}`}.`,
      step: `vif-bridge online: ip link show dev ${bridge}`,
      why: "The script gives up, and the toolstack gives up the guest.",
      mend: [
        there.length > 0
          ? `bridge=${there[0]} in the vif's configuration`
          : `brctl addbr ${bridge}; ip link set ${bridge} up`,
      ],
    }));
  },
};

/** vif-bridge takes ethN for xenbrN where only that one is a bridge. */
const isThere = (bridge: string, there: readonly string[]): boolean =>
  there.includes(bridge) || there.includes(bridge.replace(/^xenbr/, "eth"));

export const firstBridge: TrapFinder = {
  name: "first-bridge",
  find: (host) => {
    const names = host.now.bridges.map(({ device }) => device.name);
    const open = host.vifs.filter(
      ({ plan, script, device }) => plan.bridge === null && bridged(script) && device !== null,
    );
    if (names.length < 2 || open.length === 0) return [];
    return open.map((vif) => ({
      what: `${vif.title} names no bridge, of ${names.length} there are, and has come to be in ${vif.device!.master ?? "none"}.`,
      step: "vif-bridge online: the bridge in the first line of `brctl show`",
      why: "Which one comes first may be another after the next boot.",
      mend: [`bridge=${vif.device!.master ?? names[0]} in the vif's configuration`],
    }));
  },
};
