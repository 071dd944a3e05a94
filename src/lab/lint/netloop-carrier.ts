/** eth0 of Xen 3.0 and 3.1 is one end of a netloop pair: it shows no dead cable. */
import { stepWhere } from "./scene.ts";
import type { TrapFinder } from "./trap.ts";

export const netloopCarrier: TrapFinder = {
  name: "netloop-carrier",
  find: (host) =>
    host.now.dom0.devices
      .filter(({ kind, addresses, name }) => kind === "netloop" && addresses.length > 0 && !name.startsWith("vif"))
      .map(({ name }) => ({
        what: `${name} has the host's address and its link is always up, whatever the wire does.`,
        step: stepWhere(host, new RegExp(`ip link set \\S+ name ${name}$`)),
        why:
          "It is the renamed end of a netloop pair, which has no carrier logic; the NIC itself is called p" +
          `${name} now.`,
        mend: [`Watch p${name}: cat /sys/class/net/p${name}/carrier`, `Bond NICs below p${name}, not above ${name}.`],
      })),
};
