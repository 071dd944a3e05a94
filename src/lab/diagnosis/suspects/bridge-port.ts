/** A port of a bridge that was told not to forward, not to take floods, or not to hear the other isolated ones. */
import { Bridge } from "../../../device/bridge.ts";
import { type BridgePort, PortState, portStateNames } from "../../../device/bridge-port.ts";
import { Nic } from "../../../device/nic.ts";
import { machinesOf, on, type Suspect, type Suspicion } from "../suspect.ts";

interface Told {
  readonly what: string;
  /** As `bridge -d link` prints it. */
  readonly shown: string;
  readonly cause: string;
  /** Words of `bridge link set`. */
  readonly cure: string;
}

export const bridgePort: Suspect = {
  name: "bridge-port",
  find: (clues) =>
    machinesOf(clues).flatMap(({ name, table }) =>
      table.devices.flatMap((device) =>
        device instanceof Bridge
          ? uplinksFirst(device.ports).flatMap((port) =>
              toldOf(device, port).map((told) => suspicionOf(name, device, port, told)),
            )
          : [],
      ),
    ),
};

/** Guests may well be isolated from each other on purpose, the way out from nobody. */
const uplinksFirst = (ports: readonly BridgePort[]): BridgePort[] =>
  ports.toSorted((a, b) => Number(b.device instanceof Nic) - Number(a.device instanceof Nic));

function toldOf({ stp, ports }: Bridge, port: BridgePort): Told[] {
  const told: Told[] = [];
  if (!stp.enabled && port.state !== PortState.FORWARDING && port.device.running)
    told.push({
      what: `is in the state ${portStateNames[port.state]}`,
      shown: `state ${portStateNames[port.state]}`,
      cause:
        "Without a spanning tree nobody but a user sets such a state: what comes in is dropped, and nothing goes out.",
      cure: "state 3",
    });
  const floods = [
    ...(port.flood ? [] : ["flood"]),
    ...(port.multicastFlood ? [] : ["mcast_flood"]),
    ...(port.broadcastFlood ? [] : ["bcast_flood"]),
  ];
  const off = [...(port.learning ? [] : ["learning"]), ...floods];
  if (floods.length > 0)
    told.push({
      what: `has ${off.map((each) => `${each} off`).join(", ")}`,
      shown: off.map((each) => `${each} off`).join(" "),
      cause:
        "A frame for an address that the bridge has not learned goes to every port that takes floods. A port that neither learns nor takes them is never found; without bcast_flood no ARP request reaches it.",
      cure: off.map((each) => `${each} on`).join(" "),
    });
  if (port.isolated && ports.some((each) => each !== port && each.isolated))
    told.push({
      what: "is isolated, and so are others of the bridge",
      shown: "isolated on",
      cause: "Isolated ports pass nothing to each other. That keeps guests apart, if the way out is not isolated too.",
      cure: "isolated off",
    });
  return told;
}

function suspicionOf(
  at: string,
  bridge: Bridge,
  { device }: BridgePort,
  { what, shown, cause, cure }: Told,
): Suspicion {
  return {
    at,
    what: `${device.name}, a port of ${bridge.name}, ${what}.`,
    evidence: [`bridge -d link show dev ${device.name}: ${shown}`],
    cause,
    look: [`bridge -d link show dev ${device.name}`],
    mends: [on(at, `bridge link set dev ${device.name} ${cure}`)],
  };
}
