/** A packet at a hook, as rules see it: nf_hook_state and what br_netfilter knows. One object, used again and again. */
import type { NetDevice } from "../../device/device.ts";
import type { World } from "../../device/world.ts";
import { ANY_IPV4, type Ipv4 } from "../../packet/address.ts";
import { HEADER_LENGTH as LINK } from "../../packet/ethernet.ts";
import type { Frame } from "../../packet/frame.ts";
import * as ipv4 from "../../packet/ipv4.ts";
import type { Addresses } from "../addresses.ts";
import type { Fib } from "../fib.ts";
import { Hook, type HookNumber } from "../hooks.ts";
import type { PathMtus } from "../path-mtu.ts";
import type { FlowLine } from "./conntrack/flow.ts";

/** Where a packet is and what it came by: struct nf_hook_state, and nf_bridge_info. */
export class HookState {
  hook: HookNumber = Hook.PREROUTING;
  frame!: Frame;
  input: NetDevice | null = null;
  output: NetDevice | null = null;
  /** The ports of a bridge: nf_bridge_get_physindev and physoutdev. */
  bridgeInput: NetDevice | null = null;
  bridgeOutput: NetDevice | null = null;
}

/** What matches and targets ask of the namespace. */
export interface PacketHost {
  readonly world: World;
  readonly fib: Fib;
  readonly addresses: Addresses;
  readonly pathMtus: PathMtus;
}

/** Conntrack, as targets speak to it. */
export interface FlowChanges {
  readonly table: { lineOf(frame: Frame): FlowLine | null };
  changed(line: FlowLine, change: number): void;
}

export class Packet extends HookState {
  readonly host: PacketHost;
  readonly tracker: FlowChanges;
  /** A match could not read what it has to: there is no choice but to drop (nft_match_eval). */
  hotdrop = false;
  /** At POSTROUTING: the gateway it goes to, or 0. */
  gateway: Ipv4 = ANY_IPV4;

  constructor(host: PacketHost, tracker: FlowChanges) {
    super();
    this.host = host;
    this.tracker = tracker;
  }

  get nextHop(): Ipv4 {
    if (this.gateway !== ANY_IPV4) return this.gateway;
    return ipv4.destination(this.frame.bytes, this.frame.at + LINK);
  }
}
