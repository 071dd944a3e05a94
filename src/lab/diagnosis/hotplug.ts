/** Vifs that never came to be connected: what the hotplug script and the toolstack say of it. */
import { listWords } from "../topology/diagnostic.ts";
import type { HostSnapshot } from "../view/host-snapshot.ts";
import { complaintsOf, type Diagnoser, type Evidence, type Found } from "./finding.ts";

/** The lines that hold a sentence, without what stands before it. */
const saying = (lines: readonly string[], pattern: RegExp): string[] => [
  ...new Set(lines.flatMap((line) => pattern.exec(line)?.[1] ?? [])),
];

export const noBridge: Diagnoser = {
  name: "no-bridge",
  find: (evidence) =>
    evidence.now.hosts.flatMap((host) =>
      saying(complaintsOf(evidence, host), /Could not find bridge device (\S+)/).map((bridge) =>
        missingBridge(evidence, host, bridge),
      ),
    ),
};

function missingBridge(evidence: Evidence, host: HostSnapshot, bridge: string): Found {
  const there = host.bridges.map(({ device }) => device.name);
  const wanting = host.guests.filter((guest) => guest.vifs.some((vif) => vif.bridge === bridge));
  return {
    what: `${host.name}: a vif is to join the bridge ${bridge}, and there is no such bridge.`,
    evidence: [
      `The script said: Could not find bridge device ${bridge}`,
      there.length === 0 ? "There is no bridge at all." : `There is: ${there.join(", ")}`,
      ...wanting.map(({ name, state }) => `${name}, whose configuration says bridge=${bridge}, is ${state}`),
      ...complaintsOf(evidence, host)
        .filter((line) => /libxl: error|^Error:/.test(line))
        .slice(0, 3),
    ],
    cause: "The name in bridge= is wrong, or whatever makes that bridge has not run before the guest was started.",
    look: [
      "brctl show",
      "cat /var/log/xen/xen-hotplug.log",
      ...wanting.map(({ name }) => `grep vif /etc/xen/${name}.cfg`),
    ],
    cure: [
      there.length > 0
        ? `Write ${listWords(there.map((name) => `bridge=${name}`))} into the configuration and create the guest again.`
        : `Make the bridge first: brctl addbr ${bridge}; brctl stp ${bridge} off; brctl setfd ${bridge} 0; ip link set ${bridge} up`,
    ],
  };
}

export const vifnameClash: Diagnoser = {
  name: "vifname-clash",
  find: (evidence) =>
    evidence.now.hosts.flatMap((host) =>
      saying(complaintsOf(evidence, host), /(An interface with name \S+ already exists\.)/).map((sentence) =>
        clash(host, sentence),
      ),
    ),
};

function clash(host: HostSnapshot, sentence: string): Found {
  const name = /with name (\S+) already/.exec(sentence)?.[1] ?? "";
  const owner = host.guests.find((guest) => guest.vifs.some((vif) => vif.name === name));
  const device = host.dom0.devices.find((each) => each.name === name);
  const bridge = owner?.vifs.find((vif) => vif.name === name)?.bridge ?? "xenbr0";
  const cutOff = device !== undefined && (device.master === null || !device.up);
  return {
    what: `${host.name}: two vifs are to be called ${name}${cutOff ? ", and the one that has the name is cut off" : ""}.`,
    evidence: [
      `The script said: ${sentence}`,
      ...(owner === undefined ? [] : [`${name} belongs to ${owner.name}`]),
      ...(cutOff
        ? [
            `${name} is ${device.up ? "up" : "down"} and ${device.master === null ? "in no bridge" : `in ${device.master}`}`,
          ]
        : []),
    ],
    cause: `vifname= names the device in domain 0, and there can be only one device of a name on a host.${
      cutOff
        ? " When the second guest is cleared away the script is called again, offline, and goes by the name: it takes down the device of the first."
        : ""
    }`,
    look: [`ip link show ${name}`, "grep -H vifname /etc/xen/*.cfg", "cat /var/log/xen/xen-hotplug.log"],
    cure: [
      "Give each guest a vifname= of its own, and create the one that failed again.",
      ...(cutOff ? [`For the one that runs: brctl addif ${bridge} ${name}; ip link set ${name} up`] : []),
    ],
  };
}

export const neverConnected: Diagnoser = {
  name: "hotplug-never-connected",
  find: (evidence) => evidence.now.hosts.flatMap((host) => [...silent(host), ...timedOut(evidence, host)]),
};

/** Both ends are there, the script is over, and its word is missing. */
function silent(host: HostSnapshot): Found[] {
  return host.guests.flatMap((guest) =>
    guest.vifs
      .filter((vif) => guest.state === "running" && vif.frontend === "Connected" && vif.backend === "InitWait")
      .map((vif) => ({
        what: `${host.name}: ${vif.name ?? guest.name} never became connected: its hotplug script has not said so.`,
        evidence: [
          `frontend ${vif.frontend}, backend ${vif.backend}`,
          `hotplug-status is ${vif.hotplugStatus === null ? "missing" : `"${vif.hotplugStatus}"`}`,
        ],
        ...forgotten(guest.domid ?? 0, vif.handle),
      })),
  );
}

function timedOut(evidence: Evidence, host: HostSnapshot): Found[] {
  const lines = complaintsOf(evidence, host).filter((line) => line.includes("Hotplug scripts not working"));
  if (lines.length === 0) return [];
  return [
    {
      what: `${host.name}: a guest was not created, because the hotplug script of its vif never said "connected".`,
      evidence: [...new Set(lines)],
      ...forgotten(null, 0),
    },
  ];
}

function forgotten(domid: number | null, handle: number): Pick<Found, "cause" | "look" | "cure"> {
  const path = `backend/vif/${domid ?? "X"}/${handle}/hotplug-status`;
  return {
    cause:
      "A script of one's own ends without writing hotplug-status; or it cannot be executed, or udev never runs it. Netback, and a waiting xend, hold back until that key says connected.",
    look: [`xenstore-ls /local/domain/0/backend/vif`, "cat /var/log/xen/xen-hotplug.log", "ls -l /etc/xen/scripts"],
    cure: [
      `End the script with: xenstore-write $XENBUS_PATH/hotplug-status connected`,
      `For a guest that waits now: xenstore-write ${path} connected`,
    ],
  };
}
