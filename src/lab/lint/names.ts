/** Names and addresses that are to be had once only, and names that do not last. */
import { formatMac } from "../../packet/address.ts";
import { addressTwins } from "../diagnosis/duplicate-ip.ts";
import { type HostFacts, isTyped, type VifFacts } from "./scene.ts";
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

export const duplicateIp: TrapFinder = {
  name: "duplicate-ip",
  find: (host, { now, plan }) =>
    addressTwins(now, plan)
      .filter((owners) => owners.some(({ machine }) => isOf(host, machine)))
      .map((owners) => {
        const { machine, device, address } = owners.at(-1)!;
        return {
          what: `${listed(owners.map((owner) => owner.machine))} have the same address, ${address.split("/")[0]}.`,
          step: null,
          why: "Each answers ARP for it: whoever answered last is reached, now this one and now that.",
          mend: [`Give ${device} of ${machine} an address of its own (ip: in the topology).`],
        };
      }),
};

const isOf = ({ name, plan }: HostFacts, machine: string): boolean =>
  machine === name || plan.domains.some((domain) => domain.name === machine);

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

type Step = HostFacts["steps"][number];

/** What the scenario does to a device is done once; its rules stay. */
const isOwnRule = (step: Step): boolean =>
  step.script === "" &&
  (isTyped(step) ? /^(iptables|ebtables) / : /^(iptables|ebtables|tc|ip) /).test(step.run) &&
  BY_NUMBER.test(step.run);

function found(step: Step): Found {
  const { run } = step;
  const [vif = ""] = BY_NUMBER.exec(run) ?? [];
  return {
    what: `"${run}" names ${vif}, a name that is gone after the guest's next start.`,
    step: `${isTyped(step) ? "the scenario" : "the host's own set-up"}: ${run}`,
    why: "The first number is the domain's id, and every create, reboot, restore and migration gives another.",
    mend: ["vifname=NAME in the vif's configuration, and that name in the rule."],
  };
}
