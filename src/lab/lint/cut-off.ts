/** Devices that lead to guests and are switched off, or out of the bridge they belong to; and ebtables that lets nothing through. */
import { missingUplinks } from "../diagnosis/suspects/no-uplink.ts";
import type { DeviceSnapshot } from "../view/device-snapshot.ts";
import { targetOf } from "./saved-rules.ts";
import { bridgedVifs, type HostFacts, stepWhere } from "./scene.ts";
import { type Found, listed, type TrapFinder } from "./trap.ts";

export const deviceDown: TrapFinder = {
  name: "device-down",
  find: (host) => {
    const vifs = host.vifs.flatMap(({ device }) => device?.name ?? []);
    const bridges = new Set(bridgedVifs(host).map(({ device }) => device!.master!));
    return host.now.dom0.devices
      .filter(
        ({ name, kind, up, master, addresses }) =>
          !up &&
          (vifs.includes(name) ||
            bridges.has(name) ||
            (kind === "nic" && (addresses.length > 0 || (master !== null && bridges.has(master))))),
      )
      .map(({ name, master }) => ({
        what: `${name}${master === null ? "" : `, a port of ${master},`} is down: nothing passes through it.`,
        step: stepWhere(host, downOf(name)),
        why: "A device that is down takes and gives no frame, and its routes are gone with it.",
        mend: [`ip link set ${name} up`],
      }));
  },
};

const downOf = (name: string): RegExp =>
  new RegExp(`(ip link set (dev )?${literally(name)}|ifconfig ${literally(name)}) .*down`);
const literally = (text: string): string => text.replaceAll(".", "\\.");

export const outOfBridge: TrapFinder = {
  name: "out-of-bridge",
  find: (host) => [...lostPorts(host), ...lostVifs(host)],
};

const lostVifs = (host: HostFacts): Found[] =>
  host.vifs.flatMap((vif) => {
    const wanted = wantedBy(host, vif.device?.name ?? null);
    if (vif.device === null || wanted === null || vif.device.master === wanted) return [];
    return [outOf(host, vif.device, wanted, `${vif.title} is`, "its configuration says")];
  });

const lostPorts = (host: HostFacts): Found[] =>
  host.plan.bridges
    .filter(({ name }) => host.now.bridges.some(({ device }) => device.name === name))
    .flatMap(({ name: bridge, ports }) =>
      host.now.dom0.devices
        .filter(({ name, master }) => ports.includes(name) && master !== bridge)
        .map((device) => outOf(host, device, bridge, `The NIC ${device.name} is`, "the topology says")),
    );

function outOf(host: HostFacts, { name, master }: DeviceSnapshot, wanted: string, is: string, says: string): Found {
  return {
    what: `${is} in ${master === null ? "no bridge" : `the bridge ${master}`}, and ${says} ${wanted}.`,
    step: stepWhere(host, new RegExp(`(delif .*${literally(name)}|${literally(name)} (nomaster|master ))`)),
    why: "It is up and has a link, and what it takes goes nowhere.",
    mend: [...(master === null ? [] : [`brctl delif ${master} ${name}`]), `brctl addif ${wanted} ${name}`],
  };
}

/** The bridge in xenstore, where there is one of that name. */
function wantedBy({ now }: HostFacts, vif: string | null): string | null {
  const all = now.guests.flatMap(({ vifs }) => vifs);
  const bridge = all.find(({ name, hotplugStatus }) => name === vif && hotplugStatus === "connected")?.bridge ?? null;
  return now.bridges.some(({ device }) => device.name === bridge) ? bridge : null;
}

export const noUplink: TrapFinder = {
  name: "no-uplink",
  find: (host, { now }) =>
    missingUplinks(host.now, host.plan, now).map(({ bridge, nic, lines }) => ({
      what: `No NIC is a port of ${bridge}, and ${nic}, behind which its guests have neighbours, serves for nothing.`,
      step: null,
      why: "Guests of such a bridge reach each other and domain 0, and nobody outside.",
      mend: lines,
    })),
};

export const bridgeFirewall: TrapFinder = {
  name: "bridge-firewall",
  find: (host) => {
    const { bridgeRules } = host;
    const vifs = bridgedVifs(host);
    const accepts = bridgeRules.reached("filter", "FORWARD").some((rule) => targetOf(rule) === "ACCEPT");
    if (bridgeRules.policy("filter", "FORWARD") !== "DROP" || accepts || vifs.length === 0) return [];
    return [
      {
        what: `The policy of FORWARD in ebtables is DROP, and no rule accepts anything: nothing passes the bridge for ${listed(vifs.map(({ title }) => title))}, ARP neither.`,
        step: stepWhere(host, /ebtables .*(-P|--policy) FORWARD DROP/),
        why: "ebtables decides between the ports of a bridge before iptables hears of anything.",
        mend: ["ebtables -P FORWARD ACCEPT"],
      },
    ];
  },
};
