/** Names and addresses that are to be had once only, and names that do not last. */
import { formatMac } from "../../packet/address.ts";
import type { HostFacts, VifFacts } from "./scene.ts";
import { type Found, listed, type TrapFinder } from "./trap.ts";

/** Groups of more than one that share a key; what has none is left out. */
function twins(vifs: readonly VifFacts[], key: (vif: VifFacts) => string | null): Map<string, VifFacts[]> {
  const groups = new Map<string, VifFacts[]>();
  for (const vif of vifs) {
    const name = key(vif);
    if (name !== null) groups.set(name, [...(groups.get(name) ?? []), vif]);
  }
  return new Map([...groups].filter(([, group]) => group.length > 1));
}

export const duplicateMac: TrapFinder = {
  name: "duplicate-mac",
  find: (host) =>
    [...twins(host.vifs, ({ plan }) => formatMac(plan.mac))].map(([mac, group]) => ({
      what: `${listed(group.map(({ domain }) => domain.name))} have the same MAC address, ${mac}.`,
      step: null,
      why: "A bridge knows one port for an address: whoever spoke last gets what is meant for both.",
      mend: ["Give all but one a mac= of its own: 00:16:3e and three random bytes."],
    })),
};

export const vifnameClash: TrapFinder = {
  name: "vifname-clash",
  find: (host) =>
    [...twins(host.vifs, ({ plan }) => plan.vifname)].map(([name, group]) => ({
      what: `${listed(group.map(({ domain }) => domain.name))} both want vifname=${name}: only the first one starts.`,
      step: `vif-common.sh: ip link set vifX.Y name ${name}`,
      why: "It names the device in domain 0, and there can be one device of a name.",
      mend: ["Give each guest a vifname= of its own."],
    })),
};

const BY_NUMBER = /\bvif\d+\.\d+\b/;

export const vifByNumber: TrapFinder = {
  name: "vif-by-number",
  find: (host) => host.steps.filter(isOwnRule).map(found),
};

const isOwnRule = ({ script, run }: HostFacts["steps"][number]): boolean =>
  script === "" && /^(iptables|ebtables|tc|ip) /.test(run) && BY_NUMBER.test(run);

function found({ run }: HostFacts["steps"][number]): Found {
  const [vif = ""] = BY_NUMBER.exec(run) ?? [];
  return {
    what: `"${run}" names ${vif}, a name that is gone after the guest's next start.`,
    step: `the host's own set-up: ${run}`,
    why: "The first number is the domain's id, and every create, reboot, restore and migration gives another.",
    mend: ["vifname=NAME in the vif's configuration, and that name in the rule."],
  };
}
