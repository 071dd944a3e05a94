/**
 * What a bridge decides about a frame, as step records 150-189 and as sentences. Ports are named by their rx point.
 */
import { formatMac, type Mac } from "../packet/address.ts";
import { portStateNames } from "./bridge-port.ts";
import type { StepStory } from "./step-story.ts";

export const BridgeStep = {
  LEARNT: 150,
  MOVED_FROM: 151,
  OWN_SOURCE: 152,
  FDB_FULL: 153,
  FDB_HIT: 154,
  FLOOD: 155,
  LOCAL: 156,
  GROUP_TO_HOST: 157,
  PROMISCUOUS: 158,
  PORT_STATE: 159,
  EGRESS_STATE: 160,
  SAME_PORT: 161,
  MTU: 162,
  NO_EGRESS: 163,
} as const;

const mac = (value: number): string => formatMac(value as Mac);

export const bridgeSteps: readonly StepStory[] = [
  {
    code: BridgeStep.LEARNT,
    name: "learnt",
    say: (a, b, owner) => `learnt ${mac(a)} on port ${owner(b)}`,
  },
  {
    code: BridgeStep.MOVED_FROM,
    name: "moved",
    say: (a, b, owner) => `${mac(a)} was behind port ${owner(b)} until now`,
  },
  {
    code: BridgeStep.OWN_SOURCE,
    name: "own-source",
    say: (a, b, owner) => `came in on ${owner(b)} with the host's own address ${mac(a)} as source: not learnt`,
  },
  {
    code: BridgeStep.FDB_FULL,
    name: "fdb-full",
    say: (a, b, owner) => `the forwarding database is full: ${mac(a)} on ${owner(b)} is not learnt`,
  },
  {
    code: BridgeStep.FDB_HIT,
    name: "fdb-hit",
    say: (a, b, owner) => `the forwarding database has ${mac(a)} on port ${owner(b)}`,
  },
  {
    code: BridgeStep.FLOOD,
    name: "flood",
    say: (a, b) => `${mac(b)} is ${flooded(b)}: flooded to ${a === 1 ? "1 port" : `${a} ports`}`,
  },
  { code: BridgeStep.LOCAL, name: "local", say: (a) => `${mac(a)} is the host's own: up to the bridge device` },
  { code: BridgeStep.GROUP_TO_HOST, name: "group", say: () => "a group address: the bridge device gets it too" },
  { code: BridgeStep.PROMISCUOUS, name: "promiscuous", say: () => "the bridge device is promiscuous: it gets a copy" },
  {
    code: BridgeStep.PORT_STATE,
    name: "port-state",
    say: (a, b, owner) => `port ${owner(b)} is in ${portStateNames[a] ?? "unknown"} state`,
  },
  {
    code: BridgeStep.EGRESS_STATE,
    name: "egress-state",
    say: (a, b, owner) => `the way out is port ${owner(b)}, in ${portStateNames[a] ?? "unknown"} state`,
  },
  {
    code: BridgeStep.SAME_PORT,
    name: "same-port",
    say: (a, b, owner) => `${mac(a)} is behind ${owner(b)}, where the frame came from`,
  },
  {
    code: BridgeStep.MTU,
    name: "mtu",
    say: (a, b, owner) => `${a} bytes do not fit the MTU of port ${owner(b)}; a bridge sends no ICMP`,
  },
  { code: BridgeStep.NO_EGRESS, name: "no-egress", say: (a) => `no port to take ${mac(a)} to` },
];

function flooded(destination: number): string {
  if (destination === 0xffff_ffff_ffff) return "broadcast";
  return (Math.floor(destination / 0x100_0000_0000) & 1) === 1 ? "multicast" : "not in the forwarding database";
}
