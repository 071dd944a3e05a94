/** A bridge whose new ports wait, and what is lost meanwhile. */
import { isLibvirts, isLibvirtsOwn } from "../diagnosis/forward-delay.ts";
import { bridgedVifs, stepWhere } from "./scene.ts";
import { listed, type TrapFinder } from "./trap.ts";

/** Below it only the first words of a guest are lost. */
const LONG = 5;

export const forwardDelay: TrapFinder = {
  name: "forward-delay",
  find: (host) =>
    host.now.bridges
      .filter(({ stp, forwardDelay: delay }) => stp && delay > 0)
      .flatMap((bridge) => {
        const { name } = bridge.device;
        const vifs = bridgedVifs(host).filter(({ device }) => device!.master === name);
        if (vifs.length === 0) return [];
        const seconds = bridge.forwardDelay / 1e9;
        const lost = seconds < LONG ? "the first DHCP DISCOVER of a guest is lost" : "DHCP and first pings give up";
        return [
          {
            what: `A new port of ${name} forwards only after ${2 * seconds} s: ${lost} (${listed(vifs.map(({ title }) => title))}).`,
            step: stepWhere(host, new RegExp(`brctl (stp|setfd) ${name}|ip link .*${name}.*(stp_state|forward_delay)`)),
            why: isLibvirtsOwn(bridge)
              ? "libvirt's delay='0' is not 0: with STP on the kernel makes 2 s of it, once for listening and once for learning."
              : `STP is on: ${seconds} s of listening, ${seconds} s of learning.`,
            mend: isLibvirts(name)
              ? [`<bridge name='${name}' stp='off' delay='0'/> in the network's XML`, `brctl stp ${name} off`]
              : [`brctl stp ${name} off`, `brctl setfd ${name} 0`, "Where there is a loop, STP must stay on."],
          },
        ];
      }),
};
