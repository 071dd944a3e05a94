/** Guests that were not created because their vif's script ended with an error, and why vif-nat of Xen 3.0 does. */
import { ERAS } from "../../machine/era.ts";
import { scriptName } from "../topology/host-mode.ts";
import type { HostPlan } from "../topology/plan.ts";
import type { HostSnapshot } from "../view/host-snapshot.ts";
import { complaintsOf, type Diagnoser, type Evidence, type Found } from "./finding.ts";
import { on } from "./suspect.ts";

/** What has a name of its own among the diagnosers. */
const KNOWN = /Could not find bridge device|already exists|Hotplug scripts not working/;

export const hotplugFailed: Diagnoser = {
  name: "hotplug-failed",
  find: (evidence) =>
    evidence.now.hosts.flatMap((host) => {
      const lines = [
        ...new Set(complaintsOf(evidence, host).filter((line) => / failed; error detected\.$/.test(line))),
      ];
      const absent = host.guests.filter(({ state }) => state === "absent").map(({ name }) => name);
      const isKnown = complaintsOf(evidence, host).some((line) => KNOWN.test(line));
      if (lines.length === 0 || absent.length === 0 || isKnown) return [];
      const plan = evidence.plan.hosts.find(({ name }) => name === host.name)!;
      const found = withoutPrefix(plan, absent, lines);
      return found.length > 0 ? found : [failed(evidence, host, absent, lines)];
    }),
};

function withoutPrefix(plan: HostPlan, absent: readonly string[], lines: readonly string[]): Found[] {
  if (!ERAS[plan.xen].natNeedsPrefix) return [];
  return plan.domains
    .filter(({ name }) => absent.includes(name))
    .flatMap(({ name, vifs }) => {
      const bare = vifs
        .filter((vif) => scriptName(vif.script ?? plan.vifScript) === "vif-nat")
        .flatMap(({ ip }) => ip.filter((text) => !text.includes("/")));
      if (bare.length === 0) return [];
      const file = `/etc/xen/${name}.cfg`;
      const texts = vifs.map(({ text }) => bare.reduce((all, ip) => all.replace(`ip=${ip}`, `ip=${ip}/16`), text));
      const cure = [`echo "vif = [ ${texts.map((text) => `'${text}'`).join(", ")} ]" >> ${file}`, `xm create ${file}`];
      return [
        {
          what: `${plan.name}: ${name} was not created: vif-nat fails on ip=${bare[0]}, which has no prefix length.`,
          evidence: lines,
          cause:
            "vif-nat of this Xen reckons a netmask of what stands behind the slash. Without one that is a syntax error: the script ends, hotplug-status is error, and xend gives the guest up.",
          look: ["cat /var/log/xen/xen-hotplug.log", `grep vif ${file}`],
          trial: on(plan.name, ...cure),
          cure,
        },
      ];
    });
}

const failed = (
  evidence: Evidence,
  host: HostSnapshot,
  absent: readonly string[],
  lines: readonly string[],
): Found => ({
  what: `${host.name}: ${absent.join(", ")} ${absent.length === 1 ? "was" : "were"} not created: a vif's script ended with an error.`,
  evidence: [
    ...lines,
    ...complaintsOf(evidence, host)
      .filter((line) => /^Error:/.test(line))
      .slice(0, 3),
  ],
  cause:
    "A command of the script has failed: it writes error into hotplug-status, and the toolstack gives the guest up.",
  look: ["cat /var/log/xen/xen-hotplug.log", ...absent.map((name) => `grep vif /etc/xen/${name}.cfg`)],
  cure: ["Mend what the line in the log complains of, or the vif's configuration, and create the guest again."],
});
