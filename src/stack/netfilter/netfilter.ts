/**
 * Netfilter of a namespace: its tables, and what hangs on each hook in order of priority. Follows
 * include/uapi/linux/netfilter_ipv4.h, net/netfilter/core.c and nf_reject_ipv4.c.
 *
 *   hook -> base chains by priority -> evaluate a program -> ACCEPT: the next one
 *                                                        \-> DROP, REJECT, policy: the frame's end
 *
 * Not modelled yet: the tables raw, mangle and nat, conntrack, ip6tables, arptables, ebtables; the log's rate limits.
 */
import { Fate, type FateCode } from "../../base/fate.ts";
import type { DeviceChange, DeviceWatcher, NetDevice } from "../../device/device.ts";
import type { DeviceTable } from "../../device/device-table.ts";
import type { Point } from "../../device/point.ts";
import type { World } from "../../device/world.ts";
import { HEADER_LENGTH as LINK } from "../../packet/ethernet.ts";
import type { Frame } from "../../packet/frame.ts";
import * as icmp from "../../packet/icmp.ts";
import type { Refusal } from "../errno.ts";
import { Hook, type HookNumber } from "../hooks.ts";
import type { SnmpCounters } from "../snmp.ts";
import { Step } from "../steps.ts";
import type { Sysctls } from "../sysctl.ts";
import { BridgeCall } from "./bridge-call.ts";
import { evaluate, type Listener } from "./evaluate.ts";
import { isIntact } from "./intact.ts";
import { logLine } from "./log-line.ts";
import { Packet } from "./packet.ts";
import { Action, Program } from "./program.ts";
import { type Chain, Table, type TableName } from "./table.ts";

/** NF_IP_PRI_*: where the tables stand at a hook. */
const Priority = { RAW: -300, MANGLE: -150, NAT: -100, FILTER: 0 } as const;

const ALL_HOOKS = [Hook.PREROUTING, Hook.INPUT, Hook.FORWARD, Hook.OUTPUT, Hook.POSTROUTING];

export interface NetfilterHost {
  readonly table: DeviceTable;
  readonly world: World;
  readonly sysctls: Sysctls;
  readonly snmp: SnmpCounters;
  sendError(culprit: Frame, type: number, code: number, info: number, device: NetDevice | null): void;
}

/** A built-in chain at its hook. */
class BaseChain {
  readonly table: Table;
  readonly chain: Chain;
  readonly program: Program;
  readonly entry: number;

  constructor(table: Table, chain: Chain, program: Program) {
    this.table = table;
    this.chain = chain;
    this.program = program;
    this.entry = program.entry(chain);
  }
}

/** The first rule of its kind brings br_netfilter along: physdev_mt_check. */
const usesPhysdev = (chain: Chain): boolean =>
  chain.rules.some(({ spec }) => spec.matches.some(({ kind }) => kind === "physdev"));

export class Netfilter implements Listener, DeviceWatcher {
  private readonly tables: Record<TableName, Table> = {
    raw: new Table("raw", [Hook.PREROUTING, Hook.OUTPUT], Priority.RAW),
    mangle: new Table("mangle", ALL_HOOKS, Priority.MANGLE),
    nat: new Table("nat", [Hook.PREROUTING, Hook.INPUT, Hook.OUTPUT, Hook.POSTROUTING], Priority.NAT),
    filter: new Table("filter", [Hook.INPUT, Hook.FORWARD, Hook.OUTPUT], Priority.FILTER),
  };
  readonly bridgeCall: BridgeCall;
  /** By hook; the one thing that a packet meets while there are no rules. */
  private readonly hooks: BaseChain[][] = [[], [], [], [], []];
  private readonly host: NetfilterHost;
  private readonly packet = new Packet();
  /** Of the chains of each table: where the frames end that they drop. */
  private readonly points: Record<TableName, readonly Point[]> = { raw: [], mangle: [], nat: [], filter: [] };

  constructor(host: NetfilterHost) {
    this.host = host;
    this.bridgeCall = new BridgeCall(host, this);
    host.table.watchers.add(this);
  }

  deviceChanged(device: NetDevice, change: DeviceChange): void {
    if (change === "registered") this.bridgeCall.deviceRegistered(device);
  }

  /** True: the packet goes on, perhaps changed. False: the frame has ended. */
  pass(hook: HookNumber, frame: Frame, input: NetDevice | null, output: NetDevice | null): boolean {
    if (this.hooks[hook]!.length === 0) return true;
    // ip_sabotage_in: it has been through PREROUTING at its bridge.
    if (hook === Hook.PREROUTING && frame.bridgePort !== 0) return true;
    const port = frame.bridgePort === 0 ? null : this.host.table.byIndex(frame.bridgePort);
    return this.run(hook, frame, input, output, port, null);
  }

  /** The same for a frame that a bridge passes on from one port to another. */
  passBridged(hook: HookNumber, frame: Frame, bridge: NetDevice, from: NetDevice, to: NetDevice | null): boolean {
    if (this.hooks[hook]!.length === 0) return true;
    return this.run(hook, frame, bridge, to?.master ?? null, from, to);
  }

  table(name: TableName): Table {
    return this.tables[name];
  }

  /** A table has been changed: from now on packets meet it as it is. `table` takes the place of the one of its name. */
  changed(table: Table): void {
    this.tables[table.name] = table;
    const chains = [...table.chains.values()];
    this.name(table, chains);
    if (chains.some(usesPhysdev)) this.bridgeCall.load();
    const program = new Program(table);
    for (const [hook, before] of this.hooks.entries()) {
      const others = before.filter((each) => each.table.name !== table.name);
      const own = chains.filter((chain) => chain.hook === hook).map((chain) => new BaseChain(table, chain, program));
      this.hooks[hook] = [...others, ...own].sort((a, b) => a.table.priority - b.table.priority);
    }
  }

  /** After a change that `table` has made or refused: takes effect, or is explained in the kernel's log. */
  apply(table: Table, refused: Refusal | null): Refusal | null {
    if (refused === null) this.changed(table);
    else if (refused.message !== null) this.host.table.log.print(refused.message);
    return refused;
  }

  held(program: Program, from: number, row: number, packet: Packet): void {
    const target = program.rules[row]?.spec.target;
    if (target?.kind === "log") this.host.table.log.print(logLine(packet, target));
    if (this.host.world.recorder.on) this.tell(program, from, row, packet.frame);
  }

  private run(
    hook: HookNumber,
    frame: Frame,
    input: NetDevice | null,
    output: NetDevice | null,
    bridgeInput: NetDevice | null,
    bridgeOutput: NetDevice | null,
  ): boolean {
    const { packet } = this;
    packet.hook = hook;
    packet.frame = frame;
    packet.input = input;
    packet.output = output;
    packet.bridgeInput = bridgeInput;
    packet.bridgeOutput = bridgeOutput;
    const chains = this.hooks[hook]!;
    for (let i = 0; i < chains.length; i++) if (!this.judge(chains[i]!, packet)) return false;
    return true;
  }

  private judge({ program, entry, chain }: BaseChain, packet: Packet): boolean {
    const row = evaluate(program, entry, packet, this);
    switch (program.actions[row]) {
      case Action.ACCEPT:
        return true;
      case Action.END:
        return this.applyPolicy(chain, packet.frame);
      case Action.REJECT:
        return this.reject(packet, program.operands[row]!, program.chains[row]!);
      default:
        return this.drop(packet.frame, Fate.NETFILTER_DROP, program.chains[row]!);
    }
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

  /** nf_send_unreach. What it sends goes through OUTPUT while this packet is still here. */
  private reject({ frame, input, output }: Packet, code: number, chain: Chain): false {
    if (isIntact(frame)) this.host.sendError(frame, icmp.Type.UNREACHABLE, code, 0, input ?? output);
    return this.drop(frame, Fate.NETFILTER_REJECT, chain);
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
    if (program.rules[row] !== null) this.note(Step.RULE_HELD, frame, number * 16 + program.actions[row]!, chain);
    else if (chain.hook === null) this.note(Step.CHAIN_ENDED, frame, 0, chain);
  }

  private note(code: number, frame: Frame, a: number, chain: Chain): void {
    this.host.world.recorder.note(code, frame.id, chain.point!.id, a, chain.point!.id);
  }

  /** Each chain is a place where frames may end. */
  private name({ name }: Table, chains: readonly Chain[]): void {
    const { world, table } = this.host;
    for (const chain of chains) chain.point ??= world.point(table.machine, `${name}.${chain.name}`, "drop");
    const living = chains.map((chain) => chain.point!);
    for (const point of this.points[name]) if (!living.includes(point)) world.retire(point);
    this.points[name] = living;
  }
}
