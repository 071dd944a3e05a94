/** Frames too long for the port behind which their receiver is: dropped without a word to the sender. */
import { count, type Diagnoser, type Evidence } from "./finding.ts";

export const mtu: Diagnoser = {
  name: "mtu",
  find: (evidence) => evidence.now.hosts.flatMap((host) => tooLong(evidence, host.name)),
};

function tooLong(evidence: Evidence, host: string) {
  const drops = evidence.now.drops.filter(
    ({ fate, point }) => fate === "bridge-mtu-exceeded" && point.startsWith(`${host}:`),
  );
  if (drops.length === 0) return [];
  const snapshot = evidence.now.hosts.find(({ name }) => name === host)!;
  const own = snapshot.dom0.devices.filter((device) => device.master !== null || device.kind === "bridge");
  const inside = snapshot.guests.flatMap(
    (guest) =>
      guest.machine?.devices
        .filter((device) => device.name !== "lo")
        .map(({ name, mtu }) => ({ name: `${guest.name}'s ${name}`, mtu })) ?? [],
  );
  return [
    {
      what: `${host}: frames longer than the MTU of a port are dropped, and nobody is told.`,
      evidence: [
        ...drops.map(({ point, frames }) => `${count(frames)} dropped at ${point}`),
        ...sizes([...own, ...inside]),
      ],
      cause:
        "A bridge does not fragment and sends no ICMP: what is longer than the outgoing port's MTU (and 18 bytes of framing) vanishes. Short packets pass, long ones do not.",
      look: ["ip link | grep mtu", "ping -M do -s 8972 ADDRESS", "xenlab explain bridge-mtu-exceeded"],
      cure: [
        "Set the MTU on the NIC and the bridge first, then attach the vif again: vif-bridge copies the bridge's MTU.",
        "Set the same MTU inside the guest: netfront does not take it from xenstore. Or go back to 1500 everywhere.",
      ],
    },
  ];
}

const NAMED = 4;

/** A line for each size, the largest first, with some of the devices that have it. */
function sizes(devices: readonly { readonly name: string; readonly mtu: number }[]): string[] {
  const found = [...new Set(devices.map(({ mtu }) => mtu))].toSorted((a, b) => b - a);
  return found.map((size) => {
    const names = devices.filter(({ mtu }) => mtu === size).map(({ name }) => name);
    const more = names.length > NAMED ? ` and ${names.length - NAMED} more` : "";
    return `mtu ${size}: ${names.slice(0, NAMED).join(", ")}${more}`;
  });
}
