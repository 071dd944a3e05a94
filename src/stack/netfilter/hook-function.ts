/**
 * What hangs on a hook, in order of priority: include/uapi/linux/netfilter_ipv4.h. Defragmentation (-400) is before all
 * of them and is asked for by itself (Netfilter.gather), since it may keep the packet or make it another.
 */
import { Hook, type HookNumber } from "../hooks.ts";
import type { BaseChain, ChainJudge } from "./chain-judge.ts";
import type { Tracker } from "./conntrack/tracker.ts";
import type { Nat, NatRules } from "./nat/nat.ts";
import type { Packet } from "./packet.ts";

/** NF_IP_PRI_* */
export const Priority = {
  RAW: -300,
  CONNTRACK: -200,
  MANGLE: -150,
  NAT_DST: -100,
  FILTER: 0,
  NAT_SRC: 100,
  CONNTRACK_CONFIRM: 2 ** 31 - 1,
} as const;

export interface HookFunction {
  readonly priority: number;
  /** False: the frame has ended. */
  run(packet: Packet): boolean;
}

export class ChainHook implements HookFunction {
  readonly priority: number;
  private readonly base: BaseChain;
  private readonly judge: ChainJudge;

  constructor(base: BaseChain, judge: ChainJudge) {
    this.priority = base.table.priority;
    this.base = base;
    this.judge = judge;
  }

  run(packet: Packet): boolean {
    return this.judge.judge(this.base, packet);
  }
}

export class EnterHook implements HookFunction {
  readonly priority = Priority.CONNTRACK;
  private readonly tracker: Tracker;

  constructor(tracker: Tracker) {
    this.tracker = tracker;
  }

  run(packet: Packet): boolean {
    return this.tracker.enter(packet);
  }
}

export class ConfirmHook implements HookFunction {
  readonly priority = Priority.CONNTRACK_CONFIRM;
  private readonly tracker: Tracker;

  constructor(tracker: Tracker) {
    this.tracker = tracker;
  }

  run(packet: Packet): boolean {
    return this.tracker.confirm(packet);
  }
}

/** NAT itself is at all its four hooks as soon as the nat table has one chain; the rules of a chain only where it hangs. */
export class NatHook implements HookFunction, NatRules {
  readonly priority: number;
  private readonly nat: Nat;
  private readonly judge: ChainJudge;
  private readonly base: BaseChain | null;

  constructor(hook: HookNumber, nat: Nat, judge: ChainJudge, base: BaseChain | null) {
    this.priority = hook === Hook.POSTROUTING || hook === Hook.INPUT ? Priority.NAT_SRC : Priority.NAT_DST;
    this.nat = nat;
    this.judge = judge;
    this.base = base;
  }

  run(packet: Packet): boolean {
    return this.nat.pass(packet, this);
  }

  consult(packet: Packet): boolean {
    return this.base === null || this.judge.judge(this.base, packet);
  }
}
