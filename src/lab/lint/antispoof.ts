/** antispoof=yes of network-bridge: it empties FORWARD. */
import { stepWhere } from "./scene.ts";
import type { TrapFinder } from "./trap.ts";

export const antispoofFlush: TrapFinder = {
  name: "antispoof-flush",
  find: (host) => {
    const at = host.steps.findIndex(({ script, run }) => script !== "" && /iptables .*-F FORWARD/.test(run));
    if (at < 0) return [];
    const lost = host.steps
      .slice(0, at)
      .filter(({ script, run }) => script === "" && /iptables .*-[AI] FORWARD/.test(run));
    return [
      {
        what:
          lost.length > 0
            ? `antispoof=yes has thrown away the host's own rules of FORWARD: ${lost.map(({ run }) => run).join("; ")}.`
            : "antispoof=yes empties FORWARD and sets its policy to DROP: rules that other services put there before are gone.",
        step: stepWhere(host, /iptables .*-F FORWARD/),
        why: "The script flushes the chain, whoever has filled it, and accepts only what comes in by the NIC; the rest is left to the rules of each vif.",
        mend: ["Put rules of your own into FORWARD after xend has started, or leave antispoof out."],
      },
    ];
  },
};
