/**
 * What a built-in chain decides about a packet: the rule that decides, or the policy, and what is told of the way there.
 * Follows net/netfilter/nf_tables_core.c and nf_reject_ipv4.c. Not modelled: the log's rate limits.
 */
import { Fate, type FateCode } from "../../base/fate.ts";
import type { NetDevice } from "../../device/device.ts";
import type { DeviceTable } from "../../device/device-table.ts";
import type { World } from "../../device/world.ts";
import { HEADER_LENGTH as LINK } from "../../packet/ethernet.ts";
import type { Frame } from "../../packet/frame.ts";
import * as icmp from "../../packet/icmp.ts";
import * as ipv4 from "../../packet/ipv4.ts";
import { Step } from "../steps.ts";
import type { Compiled } from "./compiled.ts";
import { Info } from "./conntrack/flow.ts";
import type { Tracker } from "./conntrack/tracker.ts";
import { evaluate, type Listener } from "./evaluate.ts";
import { carriesIntact, isIntact } from "./intact.ts";
import { logLine } from "./log-line.ts";
import type { Nat } from "./nat/nat.ts";
import { bindBy } from "./nat/targets.ts";
import type { Packet } from "./packet.ts";
import { Action, type Program } from "./program.ts";
import { TCP_RESET } from "./rule.ts";
import { stepOfRow } from "./rule-step.ts";
import type { Chain, Table } from "./table.ts";

export interface JudgeHost {
  readonly table: DeviceTable;
  readonly world: World;
  sendError(culprit: Frame, type: number, code: number, info: number, device: NetDevice | null): void;
  sendBridgedError(culprit: Frame, code: number, bridge: NetDevice | null): void;
  /** nf_send_reset; `port` is the bridge port a bridged culprit came in by. */
  sendReset(culprit: Frame, port: NetDevice | null): void;
}

/** A built-in chain at its hook. */
export class BaseChain {
  readonly table: Table;
  readonly chain: Chain;
  private readonly compiled: Compiled;
  /** From the first packet on. */
  private made: Program | null = null;
  /** Where the chain begins in `program`. */
  entry = 0;

  constructor(table: Table, chain: Chain, compiled: Compiled) {
    this.table = table;
    this.chain = chain;
    this.compiled = compiled;
  }

  get program(): Program {
    return this.made ?? this.make();
  }

  private make(): Program {
    this.made = this.compiled.program;
    this.entry = this.made.entry(this.chain);
    return this.made;
  }
}

/** tcp_error, udp_error, nf_conntrack_icmpv4_error */
const SUMMED: readonly number[] = [ipv4.Protocol.ICMP, ipv4.Protocol.TCP, ipv4.Protocol.UDP];

export class ChainJudge implements Listener {
  private readonly host: JudgeHost;
  private readonly nat: Nat;
  private readonly tracker: Tracker;

  constructor(host: JudgeHost, nat: Nat, tracker: Tracker) {
    this.host = host;
    this.nat = nat;
    this.tracker = tracker;
  }

  /** False: the frame has ended. */
  judge(base: BaseChain, packet: Packet): boolean {
    const { program, chain } = base;
    const row = evaluate(program, base.entry, packet, this);
    if (packet.hotdrop) {
      packet.hotdrop = false;
      return this.drop(packet.frame, Fate.NETFILTER_DROP, program.chains[row]!);
    }
    switch (program.actions[row]) {
      case Action.ACCEPT:
        return true;
      case Action.END:
        return this.applyPolicy(chain, packet.frame);
      case Action.REJECT:
        return this.reject(packet, program.operands[row]!, program.chains[row]!);
      case Action.NAT: {
        const fate = bindBy(program.target(row), packet, this.nat);
        return fate === Fate.NONE || this.drop(packet.frame, fate, program.chains[row]!);
      }
      default:
        return this.drop(packet.frame, Fate.NETFILTER_DROP, program.chains[row]!);
    }
  }

  held(program: Program, from: number, row: number, packet: Packet): void {
    const target = program.rules[row]?.spec.target;
    if (target?.kind === "log") this.host.table.log.print(logLine(packet, target));
    if (this.host.world.recorder.on) this.tell(program, from, row, packet.frame);
  }

  private applyPolicy(chain: Chain, frame: Frame): boolean {
    if (chain.counts) {
      chain.packets++;
      chain.bytes += frame.length - LINK;
    }
    const accepts = chain.policy === "ACCEPT";
    this.note(Step.POLICY_APPLIED, frame, accepts ? 1 : 0, chain);
    return accepts || this.drop(frame, Fate.NETFILTER_POLICY, chain);
  }

  /** nf_send_unreach, nf_send_reset. What they send goes through OUTPUT while this packet is still here. */
  private reject({ frame, input, output, bridgeInput, bridgeOutput }: Packet, code: number, chain: Chain): false {
    if (this.wasSummed(frame) ? carriesIntact(frame) : isIntact(frame)) {
      if (code === TCP_RESET) this.host.sendReset(frame, bridgeInput);
      else if (bridgeOutput !== null) this.host.sendBridgedError(frame, code, input);
      else this.host.sendError(frame, icmp.Type.UNREACHABLE, code, 0, input ?? output);
    }
    return this.drop(frame, Fate.NETFILTER_REJECT, chain);
  }

  /** skb_csum_unnecessary: conntrack has summed it when it came in, before its options were wiped. */
  private wasSummed(frame: Frame): boolean {
    const { active, settings } = this.tracker;
    if (!active || settings.nf_conntrack_checksum === 0 || frame.connectionInfo === Info.UNTRACKED) return false;
    return SUMMED.includes(ipv4.protocol(frame.bytes, frame.at + LINK));
  }

  private drop(frame: Frame, fate: FateCode, chain: Chain): false {
    this.host.world.end(frame, fate, chain.point!);
    return false;
  }

  private tell(program: Program, from: number, row: number, frame: Frame): void {
    const chain = program.chains[row]!;
    const number = program.numbers[row]!;
    const last = program.rules[row] === null ? program.numbers[row - 1] : number - 1;
    if (row > from) this.note(Step.RULES_PASSED_BY, frame, program.numbers[from]! * 65_536 + last!, chain);
    if (program.rules[row] !== null) this.note(Step.RULE_HELD, frame, stepOfRow(program, row), chain);
    else if (chain.hook === null) this.note(Step.CHAIN_ENDED, frame, 0, chain);
  }

  private note(code: number, frame: Frame, a: number, chain: Chain): void {
    this.host.world.recorder.note(code, frame.id, chain.point!.id, a, chain.point!.id);
  }
}
