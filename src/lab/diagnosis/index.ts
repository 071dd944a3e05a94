/** Everything that is known to go wrong, in the order in which it is told. A new kind is a file and a line here. */
import { isDrop } from "../../base/fate.ts";
import { ruleText } from "../../machine/command/iptables/print-rule.ts";
import { FATES } from "../fates.ts";
import { lastLost } from "../frame-story.ts";
import type { Lab } from "../lab.ts";
import type { HostPlan } from "../topology/plan.ts";
import { bridgedMasquerade } from "./bridged-masquerade.ts";
import { deadCable } from "./dead-cable.ts";
import { dhcpExhausted } from "./dhcp-exhausted.ts";
import { disabledVif } from "./disabled-vif.ts";
import { duplicateIp } from "./duplicate-ip.ts";
import { duplicateMac } from "./duplicate-mac.ts";
import type { Diagnoser, Evidence, Finding, ForwardRule, Found } from "./finding.ts";
import { forwardDelay } from "./forward-delay.ts";
import { forwardDrop, routedForwardDrop } from "./forward-policy.ts";
import { neverConnected, noBridge, vifnameClash } from "./hotplug.ts";
import { hotplugFailed } from "./hotplug-failed.ts";
import { limitedGuest } from "./limited-guest.ts";
import { mtu } from "./mtu.ts";
import { passedLater, tooLittleTime } from "./passed-later.ts";
import { proxyArpMissing } from "./proxy-arp-missing.ts";
import { routeIpMissing } from "./route-ip-missing.ts";
import { type Candidate, Search } from "./search.ts";
import { slowGuest } from "./slow-guest.ts";
import { strangers } from "./strangers.ts";
import type { Suspect } from "./suspect.ts";
import { absentGuest } from "./suspects/absent-guest.ts";
import { astrayRoute } from "./suspects/astray-route.ts";
import { bridgeFirewall } from "./suspects/bridge-firewall.ts";
import { bridgePort } from "./suspects/bridge-port.ts";
import { cableLoss, lossWords } from "./suspects/cable-loss.ts";
import { cableOut } from "./suspects/cable-out.ts";
import { deviceDown } from "./suspects/device-down.ts";
import { firewall } from "./suspects/firewall.ts";
import { masqueradeMissing } from "./suspects/masquerade-missing.ts";
import { missingBridge } from "./suspects/missing-bridge.ts";
import { missingRoute } from "./suspects/missing-route.ts";
import { nameServer } from "./suspects/name-server.ts";
import { noAddress } from "./suspects/no-address.ts";
import { noDhcpServer } from "./suspects/no-dhcp-server.ts";
import { noUplink } from "./suspects/no-uplink.ts";
import { notTracked } from "./suspects/not-tracked.ts";
import { outOfBridge } from "./suspects/out-of-bridge.ts";
import { policyRule } from "./suspects/policy-rule.ts";
import { refusingRoute } from "./suspects/refusing-route.ts";
import {
  arpOff,
  arpSuppressed,
  conntrackFull,
  echoIgnored,
  forwardingOff,
  proxyArp,
  reversePath,
} from "./suspects/setting.ts";
import { smallMtu } from "./suspects/small-mtu.ts";
import { staleNeighbour } from "./suspects/stale-neighbour.ts";
import { wrongGateway } from "./suspects/wrong-gateway.ts";
import { wrongNetwork } from "./suspects/wrong-network.ts";
import { wrongPrefix } from "./suspects/wrong-prefix.ts";
import { wrongSource } from "./suspects/wrong-source.ts";

const DIAGNOSERS: readonly Diagnoser[] = [
  deadCable,
  noBridge,
  vifnameClash,
  hotplugFailed,
  neverConnected,
  duplicateMac,
  duplicateIp,
  dhcpExhausted,
  forwardDelay,
  mtu,
  forwardDrop,
  routedForwardDrop,
  bridgedMasquerade,
  routeIpMissing,
  proxyArpMissing,
  slowGuest,
  limitedGuest,
  disabledVif,
];

/** Causes of what did not work, told where their mend proves them. The first that proves itself is it. */
const SUSPECTS: readonly Suspect[] = [
  absentGuest,
  missingBridge,
  cableOut,
  cableLoss,
  deviceDown,
  outOfBridge,
  noUplink,
  bridgePort,
  smallMtu,
  noAddress,
  noDhcpServer,
  notTracked,
  conntrackFull,
  masqueradeMissing,
  wrongPrefix,
  wrongNetwork,
  wrongGateway,
  forwardingOff,
  proxyArp,
  echoIgnored,
  arpSuppressed,
  arpOff,
  reversePath,
  firewall,
  bridgeFirewall,
  missingRoute,
  astrayRoute,
  wrongSource,
  refusingRoute,
  policyRule,
  staleNeighbour,
  nameServer,
];

/** What is wrong with a lab at this moment, as far as anybody here knows it. */
export function diagnose(lab: Lab): Finding[] {
  const evidence = evidenceOf(lab);
  const certain = DIAGNOSERS.flatMap(({ name, find }) => find(evidence).map((found) => candidateOf(name, found)));
  const search = new Search(SUSPECTS, certain);
  search.run(lab);
  const proved = search.findings;
  const known = certain.map(({ finding }) => proved.find(({ what }) => what === finding.what) ?? finding);
  const all = [
    ...known,
    ...proved.filter(({ what }) => !known.some((each) => each.what === what)),
    ...tooLittleTime(search.late),
    ...strangers(lab, search.unexplained),
  ];
  return all.some(({ isMeant }) => isMeant !== true) ? all : [...all, ...passedLater(search.passed, lossesOf(lab))];
}

/** Of networks on whose cables something was lost: what came through at the end may have been luck. */
const lossesOf = (lab: Lab): string[] =>
  lab.plan.networks
    .filter(({ name }) =>
      lab.snapshot().drops.some(({ fate, point }) => fate === "cable-loss" && point.startsWith(`:${name}:`)),
    )
    .flatMap(({ name }) => lossWords(lab, name));

function candidateOf(name: string, { trial = [], ...found }: Found): Candidate {
  const finding = { name, ...found };
  return { finding, mends: trial.length === 0 ? [] : [trial], tell: () => finding };
}

function evidenceOf(lab: Lab): Evidence {
  return {
    plan: lab.plan,
    now: lab.snapshot(),
    complaints: new Map(lab.plan.hosts.map((host) => [host.name, complaints(lab, host)])),
    kernel: new Map(
      lab.plan.hosts.map(({ name }) => [name, lab.machine(name).table.log.lines.map(({ text }) => text)]),
    ),
    forward: new Map(lab.plan.hosts.map(({ name }) => [name, forwardRules(lab, name)])),
  };
}

function forwardRules(lab: Lab, host: string): ForwardRule[] {
  const rules = lab.machine(host).net.netfilter.table("filter").chains.get("FORWARD")?.rules ?? [];
  return rules.map(({ spec, packets }) => ({ text: ruleText("FORWARD", spec), packets }));
}

/** What the set-up printed on stderr, what was typed complained of, and the log of the hotplug scripts. */
function complaints(lab: Lab, { name }: HostPlan): string[] {
  const runs = [
    ...lab.setUps.filter(({ machine }) => machine === name).map(({ process }) => process.console),
    ...lab.scenario.runs.filter(({ machine }) => machine === name).map(({ console }) => console),
  ];
  const log = lab.machine(name).files.read("/var/log/xen/xen-hotplug.log");
  const texts = [...runs.map((console) => console?.text("stderr") ?? ""), typeof log === "string" ? log : ""];
  return texts.flatMap((text) => text.split("\n")).filter((line) => line !== "");
}

export interface Loss {
  readonly fate: string;
  readonly frames: number;
  /** Where, the most frames first. */
  readonly points: readonly string[];
  readonly what: string;
  readonly cure: string;
  /** The number of the last frame that was lost so; null where no records are kept. */
  readonly example: number | null;
}

/** Every way in which frames were lost, the most first. */
export function losses(lab: Lab): Loss[] {
  const { drops } = lab.snapshot();
  return lab.fates
    .filter(({ code }) => isDrop(code))
    .sort((a, b) => b.frames - a.frames)
    .map(({ name, frames, code }) => {
      const story = FATES.find((fate) => fate.code === code);
      const at = drops.filter(({ fate }) => fate === name).sort((a, b) => b.frames - a.frames);
      return {
        fate: name,
        frames,
        // Cables stand in no machine: ":lan:xen1-eth0".
        points: at.map(({ point, frames: each }) => `${point.replace(/^:/, "")} (${each})`),
        what: story?.what ?? "",
        cure: story?.cure ?? "",
        example: lastLost(lab, code),
      };
    });
}
