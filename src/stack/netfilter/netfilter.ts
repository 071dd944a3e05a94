/**
 * Netfilter of a namespace: its tables, and what hangs on each hook in order of priority. Follows
 * include/uapi/linux/netfilter_ipv4.h and net/netfilter/core.c.
 *
 *   hook -> raw -> conntrack -> mangle -> nat (destinations) -> filter -> nat (sources) -> confirm
 *
 * A packet meets only what is there: chains from the first command that names them, conntrack while a rule needs it, NAT
 * while the nat table has a chain. Not modelled: ip6tables, arptables, the table security.
 */
import type { FateCode } from "../../base/fate.ts";
import type { DeviceChange, DeviceWatcher, NetDevice } from "../../device/device.ts";
import type { DeviceTable } from "../../device/device-table.ts";
import type { Point } from "../../device/point.ts";
import type { World } from "../../device/world.ts";
import type { Cpu } from "../../engine/cpu.ts";
import { ANY_IPV4, type Ipv4 } from "../../packet/address.ts";
import { HEADER_LENGTH as LINK } from "../../packet/ethernet.ts";
import type { Frame } from "../../packet/frame.ts";
import * as ipv4 from "../../packet/ipv4.ts";
import type { Refusal } from "../errno.ts";
import { Hook, type HookNumber } from "../hooks.ts";
import type { DefragUser } from "../reassembly.ts";
import { BridgeCall, type BridgeCallHost } from "./bridge-call.ts";
import { BaseChain, ChainJudge, type JudgeHost } from "./chain-judge.ts";
import { Compiled } from "./compiled.ts";
import { type Flow, flowOf } from "./conntrack/flow.ts";
import { Tracker, type TrackerHost } from "./conntrack/tracker.ts";
import { ChainHook, ConfirmHook, EnterHook, type HookFunction, NatHook, Priority } from "./hook-function.ts";
import { logLine } from "./log-line.ts";
import { Nat } from "./nat/nat.ts";
import { Packet, type PacketHost } from "./packet.ts";
import { LogFlag } from "./rule.ts";
import { type Chain, Table, type TableName } from "./table.ts";

const ALL_HOOKS = [Hook.PREROUTING, Hook.INPUT, Hook.FORWARD, Hook.OUTPUT, Hook.POSTROUTING];
const NAT_HOOKS: readonly HookNumber[] = [Hook.PREROUTING, Hook.INPUT, Hook.OUTPUT, Hook.POSTROUTING];
/** NF_LOG_DEFAULT_MASK */
const INVALID_LOG = LogFlag.TCP_SEQUENCE | LogFlag.TCP_OPTIONS | LogFlag.IP_OPTIONS | LogFlag.UID;

export interface NetfilterHost extends PacketHost, JudgeHost, BridgeCallHost {
  readonly table: DeviceTable;
  readonly world: World;
  readonly cpu: Cpu | null;
  readonly logLimit: { allows(): boolean };
  /** Of the fragments that conntrack puts together. */
  readonly reassembly: { add(frame: Frame, ifindex: number, user: DefragUser): Frame | null };
  drop(frame: Frame, fate: FateCode): void;
  note(code: number, frame: Frame, a: number, b: number): void;
}

export class Netfilter implements DeviceWatcher, TrackerHost {
  private readonly tables: Record<TableName, Table> = {
    raw: new Table("raw", [Hook.PREROUTING, Hook.OUTPUT], Priority.RAW),
    mangle: new Table("mangle", ALL_HOOKS, Priority.MANGLE),
    nat: new Table("nat", NAT_HOOKS, Priority.NAT_DST),
    filter: new Table("filter", [Hook.INPUT, Hook.FORWARD, Hook.OUTPUT], Priority.FILTER),
  };
  readonly bridgeCall: BridgeCall;
  readonly tracker: Tracker;
  readonly world: World;
  readonly cpu: Cpu | null;
  /** By hook; the one thing that a packet meets while there are no rules. */
  private readonly hooks: HookFunction[][] = [[], [], [], [], []];
  /** By hook, of the tables that have been changed: their built-in chains. */
  private readonly bases: Record<TableName, readonly (BaseChain | null)[]> = {
    raw: [],
    mangle: [],
    nat: [],
    filter: [],
  };
  private readonly host: NetfilterHost;
  private readonly packet: Packet;
  private readonly nat: Nat;
  private readonly judge: ChainJudge;
  /** Of the chains of each table: where the frames end that they drop. */
  private readonly points: Record<TableName, readonly Point[]> = { raw: [], mangle: [], nat: [], filter: [] };

  constructor(host: NetfilterHost) {
    this.host = host;
    this.world = host.world;
    this.cpu = host.cpu;
    this.tracker = new Tracker(this);
    this.nat = new Nat(this, this.tracker, host.table.machine);
    this.judge = new ChainJudge(host, this.nat, this.tracker);
    this.packet = new Packet(host, this.tracker);
    this.bridgeCall = new BridgeCall(host, this);
    host.table.watchers.add(this);
  }

  deviceChanged(device: NetDevice, change: DeviceChange): void {
    if (change === "registered") this.bridgeCall.deviceRegistered(device);
    // masq_device_event
    if (change === "down") this.forget((flow) => flow.masqueradedBy === device.index);
  }

  /** masq_inet_event: what was masqueraded with an address ends with it. */
  addressRemoved(device: NetDevice, address: Ipv4): void {
    this.forget((flow) => flow.masqueradedBy === device.index && flow.reply.destination >>> 0 === address);
  }

  /** nf_defrag_ipv4: conntrack sees whole packets. Owns the fragment; null while it waits for the others. */
  gather(frame: Frame, ifindex: number, user: DefragUser): Frame | null {
    if (!this.tracker.active || !ipv4.isFragment(frame.bytes, frame.at + LINK)) return frame;
    return flowOf(frame) === null ? this.host.reassembly.add(frame, ifindex, user) : frame;
  }

  /** True: the packet goes on, perhaps changed. False: the frame has ended. */
  pass(
    hook: HookNumber,
    frame: Frame,
    input: NetDevice | null,
    output: NetDevice | null,
    gateway: Ipv4 = ANY_IPV4,
  ): boolean {
    if (this.hooks[hook]!.length === 0) return true;
    // ip_sabotage_in: it has been through PREROUTING at its bridge.
    if (hook === Hook.PREROUTING && frame.bridgePort !== 0) return true;
    const port = frame.bridgePort === 0 ? null : this.host.table.byIndex(frame.bridgePort);
    this.packet.gateway = gateway;
    return this.run(hook, frame, input, output, port, null);
  }

  /** The same for a frame that a bridge passes on: from one of its ports, to another when that is known. */
  passBridged(hook: HookNumber, frame: Frame, bridge: NetDevice, from: NetDevice, to: NetDevice | null): boolean {
    if (this.hooks[hook]!.length === 0) return true;
    this.packet.gateway = ANY_IPV4;
    return this.run(hook, frame, hook === Hook.POSTROUTING ? null : bridge, to?.master ?? null, from, to);
  }

  /** The flow of a frame that will not come by INPUT is put into the table. False: the frame has ended. */
  confirmBridged(frame: Frame): boolean {
    this.packet.frame = frame;
    return !this.tracker.active || this.tracker.confirm(this.packet);
  }

  table(name: TableName): Table {
    return this.tables[name];
  }

  /** A table has been changed: from now on packets meet it as it is. `table` takes the place of the one of its name. */
  changed(table: Table): void {
    this.tables[table.name] = table;
    this.name(table, [...table.chains.values()]);
    if (table.usesPhysdev) this.bridgeCall.load();
    this.bases[table.name] = basesOf(table);
    const { raw, mangle, nat, filter } = this.tables;
    this.activate(raw.usesConntrack || mangle.usesConntrack || nat.usesConntrack || filter.usesConntrack);
    for (const hook of ALL_HOOKS) this.hooks[hook] = this.functionsAt(hook);
  }

  /** After a change that `table` has made or refused: takes effect, or is explained in the kernel's log. */
  apply(table: Table, refused: Refusal | null): Refusal | null {
    if (refused === null) this.changed(table);
    else if (refused.message !== null) this.host.table.log.print(refused.message);
    return refused;
  }

  // The tracker reports here.

  note(code: number, frame: Frame, a: number, b: number): void {
    this.host.note(code, frame, a, b);
  }

  drop(frame: Frame, fate: FateCode): void {
    this.host.drop(frame, fate);
  }

  warn(text: string): void {
    if (this.host.logLimit.allows()) this.host.table.log.print(text);
  }

  logInvalid(packet: Packet, text: string): void {
    this.host.table.log.print(logLine(packet, { kind: "log", prefix: text, level: 5, flags: INVALID_LOG }));
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
    const functions = this.hooks[hook]!;
    for (let i = 0; i < functions.length; i++) if (!functions[i]!.run(packet)) return false;
    return true;
  }

  private activate(isNeeded: boolean): void {
    const { sysctls } = this.host;
    if (isNeeded && !this.tracker.active) {
      sysctls.addGroup("net/netfilter/", this.tracker.settings);
      sysctls.addAlias("net/nf_conntrack_max", "net/netfilter/nf_conntrack_max");
    }
    this.tracker.active = isNeeded;
  }

  private functionsAt(hook: HookNumber): HookFunction[] {
    const { raw, mangle, nat, filter } = this.bases;
    const found: HookFunction[] = [];
    for (const base of [raw[hook], mangle[hook], filter[hook]])
      if (base !== null && base !== undefined) found.push(new ChainHook(base, this.judge));
    if (NAT_HOOKS.includes(hook) && nat.some((base) => base !== null))
      found.push(new NatHook(hook, this.nat, this.judge, nat[hook] ?? null));
    if (this.tracker.active && (hook === Hook.PREROUTING || hook === Hook.OUTPUT))
      found.push(new EnterHook(this.tracker));
    if (this.tracker.active && (hook === Hook.INPUT || hook === Hook.POSTROUTING))
      found.push(new ConfirmHook(this.tracker));
    return found.length < 2 ? found : found.sort((a, b) => a.priority - b.priority);
  }

  private forget(ends: (flow: Flow) => boolean): void {
    if (this.tracker.table.size === 0) return;
    for (const flow of this.tracker.list().filter(ends)) this.tracker.kill(flow);
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

/** By hook: where the table has a chain. */
function basesOf(table: Table): (BaseChain | null)[] {
  const bases: (BaseChain | null)[] = [null, null, null, null, null];
  const compiled = new Compiled(table);
  for (const chain of table.chains.values())
    if (chain.hook !== null) bases[chain.hook] = new BaseChain(table, chain, compiled);
  return bases;
}
