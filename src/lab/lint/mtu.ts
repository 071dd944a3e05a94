/** Ends of one path that take packets of different lengths. */
import { bridgedVifs } from "./scene.ts";
import type { TrapFinder } from "./trap.ts";

export const mtu: TrapFinder = {
  name: "mtu",
  find: (host) =>
    bridgedVifs(host).flatMap(({ title, device, domain, handle }) => {
      const inside = domain.inside.find((each) => each.device === `eth${handle}`)?.mtu ?? null;
      const bridge = host.now.bridges.find((each) => each.device.name === device!.master);
      const wide = bridge?.ports
        .map((port) => host.now.dom0.devices.find(({ name }) => name === port.device))
        .find((port) => port?.kind === "nic" && port.mtu > device!.mtu);
      const found = [];
      if (inside !== null && inside > device!.mtu) {
        found.push({
          what: `The guest's eth${handle} takes ${inside} bytes and ${title} ${device!.mtu}: what is longer is lost without a word.`,
          step: "vif-bridge online: ip link set mtu, of the bridge or of mtu=",
          why: "The two ends of a vif do not tell each other, and a bridge sends no ICMP.",
          mend: [`ip link set eth${handle} mtu ${device!.mtu}   (in ${domain.name})`],
        });
      }
      if (wide !== undefined) {
        found.push({
          what: `${wide!.name} takes ${wide!.mtu} bytes and ${title} ${device!.mtu}: longer frames from the wire are dropped at the bridge without a word.`,
          step: "vif-bridge online: the vif gets the MTU that the bridge has at that moment",
          why: "A bridge drops what does not fit the way out; it sends no ICMP.",
          mend: [
            `ip link set ${device!.name} mtu ${wide!.mtu}`,
            `and in ${domain.name}: ip link set eth${handle} mtu ${wide!.mtu}`,
          ],
        });
      }
      return found;
    }),
};
