/**
 * Labs of any size: a Xen host with so many bridges and so many guests on each, from YAML to the moment when every guest
 * has booted and, if it is to, pinged domain 0.
 */
import { invariant } from "../../../src/base/invariant.ts";
import { type Lab, openLab, readTopology } from "../../../src/lab/index.ts";

export interface Size {
  readonly bridges: number;
  /** On each bridge. */
  readonly guests: number;
  /** debian: no iptables rules for vifs. */
  readonly distro: "upstream" | "debian";
  /** Does each guest ping domain 0 as soon as it has booted? Its ARP request is flooded to all that are there. */
  readonly pings: boolean;
}

/** Each guest's own time to boot would add up to minutes of virtual time, which cost nothing. */
export function topologyText({ bridges, guests, distro, pings }: Size): string {
  const all = Array.from({ length: bridges }, (_, bridge) => bridge);
  return `name: scale
networks: { lan: { kind: switch } }
hosts:
  xen1:
    distro: ${distro}
    memory: 16384
    nics:
${all.map((bridge) => `      eth${bridge}: { network: lan }\n`).join("")}    bridges:
${all.map((bridge) => `      xenbr${bridge}: { ports: [eth${bridge}], ip: 10.${bridge}.0.1/16 }\n`).join("")}    domains:
${all.map((bridge) => Array.from({ length: guests }, (_, guest) => domainText(bridge, guest, pings)).join("")).join("")}`;
}

function domainText(bridge: number, guest: number, pings: boolean): string {
  const address = `10.${bridge}.${1 + (guest >> 8)}.${guest & 255}`;
  return `      g${bridge}-${guest}:
        vif: [ 'bridge=xenbr${bridge}' ]
        inside: { eth0: { ip: ${address}/16 } }
${pings ? `        on-boot: [ ping -c 1 10.${bridge}.0.1 ]\n` : ""}`;
}

export function raise(size: Size): Lab {
  const { plan, diagnostics } = readTopology(topologyText(size));
  invariant(plan !== null, diagnostics.map(({ message }) => message).join("\n"));
  const lab = openLab(plan);
  invariant(lab.comeUp(), "the lab does not come up");
  const { bridges, guests, pings } = size;
  if (!pings) return lab;
  for (let bridge = 0; bridge < bridges; bridge++)
    for (let guest = 0; guest < guests; guest++)
      invariant(answered(lab, `g${bridge}-${guest}`), `g${bridge}-${guest} has no answer`);
  return lab;
}

/** ICMP's echo reply. */
const ECHO_REPLY = 0;

const answered = (lab: Lab, guest: string): boolean => lab.machine(guest).net.snmp.icmp.inType[ECHO_REPLY] === 1;
