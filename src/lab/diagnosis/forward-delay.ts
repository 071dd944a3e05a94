/** A bridge whose ports do not forward for the first half minute. */
import type { BridgeSnapshot } from "../view/bridge-snapshot.ts";
import { count, type Diagnoser, lost } from "./finding.ts";

export const forwardDelay: Diagnoser = {
  name: "forward-delay",
  find: (evidence) =>
    evidence.now.hosts.flatMap((host) =>
      host.bridges
        .filter((bridge) => bridge.stp && bridge.forwardDelay > 0)
        .map((bridge) => {
          const name = bridge.device.name;
          const held = lost(evidence, "bridge-port-not-forwarding", `${host.name}:`);
          const seconds = bridge.forwardDelay / 1e9;
          return {
            what: `${host.name}: a new port of ${name} forwards only after ${2 * seconds} s.`,
            evidence: [
              `STP on, forward delay ${seconds} s: ${seconds} s listening, then ${seconds} s learning`,
              `${count(held)} ended at a port that did not forward yet`,
              ...waiting(bridge),
            ],
            cause: isLibvirtsOwn(bridge)
              ? "libvirt switches the spanning tree on, and its delay='0' is not 0: the kernel makes 2 s of it, twice. The first DHCP DISCOVER of a guest is lost, the next one gets through."
              : `${isLibvirts(name) ? "The network's XML switches the spanning tree on, and asks for this delay" : "The bridge was made by hand with the spanning tree on"}. DHCP and the first pings of a guest run into the wait and give up; ${2 * seconds} s later all is well.`,
            look: [`brctl showstp ${name}`, "dmesg | grep 'entered .* state'"],
            isMeant: isLibvirtsOwn(bridge),
            cure: isLibvirtsOwn(bridge)
              ? [`Nothing, as a rule; or <bridge name='${name}' stp='off' delay='0'/> in the network's XML.`]
              : [
                  ...(isLibvirts(name) ? [`<bridge name='${name}' stp='off' delay='0'/> in the network's XML`] : []),
                  `brctl stp ${name} off`,
                  `brctl setfd ${name} 0`,
                  "Unless there is a loop: then the spanning tree must stay.",
                ],
          };
        }),
    ),
};

/** What the kernel makes of libvirt's delay='0'. */
const LEAST_DELAY = 2e9;

/** With the delay that libvirt gives a network unless its XML says more. */
export const isLibvirtsOwn = ({ device, forwardDelay }: BridgeSnapshot): boolean =>
  isLibvirts(device.name) && forwardDelay <= LEAST_DELAY;

/** As libvirt calls the bridges that it makes itself. */
export const isLibvirts = (bridge: string): boolean => /^virbr\d+$/.test(bridge);

const waiting = (bridge: BridgeSnapshot): string[] =>
  bridge.ports
    .filter(({ state }) => state === "listening" || state === "learning")
    .map(({ device, state }) => `${device} is ${state} now`);
