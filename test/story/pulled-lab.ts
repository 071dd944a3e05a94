/** A Xen host of any era with a cable to pull: the same NIC, address and outside machine, with two guests or without. */
import type { Lab } from "../../src/lab/index.ts";
import { labUp, pass, planOf, type } from "../kit/lab.ts";

export interface Wiring {
  readonly xen: string;
  /** What the NIC is called when the host is up, the bridge it is a port of, and the device with dom0's address. */
  readonly nic: string;
  readonly bridge: string;
  readonly holder: string;
}

export const WIRINGS: readonly Wiring[] = [
  { xen: "3.0", nic: "peth0", bridge: "xenbr0", holder: "eth0" },
  { xen: "3.1", nic: "peth0", bridge: "xenbr0", holder: "eth0" },
  { xen: "4.2", nic: "peth0", bridge: "eth0", holder: "eth0" },
  { xen: "4.17", nic: "eth0", bridge: "xenbr0", holder: "xenbr0" },
];

const guest = (name: string, number: number, bridge: string): string =>
  `      ${name}: { vif: ["mac=00:16:3e:00:00:0${number},bridge=${bridge}"], inside: { eth0: { ip: 192.168.1.1${number}/24 } } }`;

const topology = ({ xen, bridge }: Wiring, guests: boolean): string => `
name: pulled
seed: 7
networks: { lan: { kind: switch, rate: 1gbit, delay: 50us } }
hosts:
  xen1:
    xen: "${xen}"
    nics: { eth0: { network: lan, mac: "00:1e:c9:4a:11:22", ip: 192.168.1.10/24, gateway: 192.168.1.1 } }
    domains:
${guests ? [guest("web1", 1, bridge), guest("web2", 2, bridge)].join("\n") : "      {}"}
machines:
  gw: { nics: { eth0: { network: lan, mac: "00:50:56:00:00:01", ip: 192.168.1.1/24 } } }
`;

/** Up, and everybody has spoken with the outside: the bridge knows where they are. */
export function hostUp(wiring: Wiring, guests: boolean): Lab {
  const lab = labUp(planOf(topology(wiring, guests)));
  for (const machine of guests ? ["xen1", "web1", "web2"] : ["xen1"]) type(lab, machine, "ping -c 1 192.168.1.1");
  return lab;
}

/** The cable out or in again, and time for a link. */
export function plug({ lab, nic }: { readonly lab: Lab; readonly nic: string }, plugged: boolean): void {
  if (!lab.plug("xen1", nic, plugged)) throw new Error(`xen1 has no cable at ${nic}`);
  pass(lab, 2);
}

export const said = (lab: Lab, line: string): string => type(lab, "xen1", line).stdout;

export const pings = (lab: Lab, from: string, address: string): boolean =>
  type(lab, from, `ping -c 1 -W 1 ${address}`).code === 0;

/** Names of the fates of frames that `act` made end, and how many. */
export function fatesOf(lab: Lab, act: () => void): string[] {
  const before = new Map(lab.fates.map(({ name, frames }) => [name, frames]));
  act();
  return lab.fates
    .map(({ name, frames }) => ({ name, more: frames - (before.get(name) ?? 0) }))
    .filter(({ more }) => more > 0)
    .map(({ name }) => name);
}

/** Sentences of the kernel since there were `before` of them. */
export const logSince = (lab: Lab, before: number): string[] =>
  said(lab, "dmesg -t").trimEnd().split("\n").slice(before);
