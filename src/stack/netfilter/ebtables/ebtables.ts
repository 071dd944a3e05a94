/**
 * ebtables: rules for frames on bridges, beside br_netfilter and before it. Follows net/bridge/netfilter of Linux 6.1 and
 * where ebtables 1.8.9 (nf_tables) puts its base chains: all three at NF_BR_PRI_FILTER_BRIDGED.
 *
 *   toHost -> INPUT      forward -> FORWARD      fromHost -> OUTPUT
 *
 * Bridges know of it only while there is a rule, or a policy DROP. Not modelled: the tables nat and broute.
 */
import { Fate, type FateCode } from "../../../base/fate.ts";
import { Bridge } from "../../../device/bridge.ts";
import { type BridgeHook, BridgePriority } from "../../../device/bridge-hooks.ts";
import type { BridgePort } from "../../../device/bridge-port.ts";
import type { DeviceChange, DeviceWatcher, NetDevice } from "../../../device/device.ts";
import type { DeviceTable } from "../../../device/device-table.ts";
import type { Point } from "../../../device/point.ts";
import type { World } from "../../../device/world.ts";
import * as ethernet from "../../../packet/ethernet.ts";
import type { Frame } from "../../../packet/frame.ts";
import { Hook } from "../../hooks.ts";
import { Step } from "../../steps.ts";
import { logLine } from "../log-line.ts";
import { HookState } from "../packet.ts";
import { Action } from "../program.ts";
import { LogFlag } from "../rule.ts";
import { ruleStep } from "../rule-step.ts";
import { EbPacket, holds } from "./match.ts";
import type { EbLog } from "./rule.ts";
import { type EbChain, EbTable } from "./table.ts";

type EbAction = typeof Action.ACCEPT | typeof Action.DROP | typeof Action.NONE | typeof Action.END | typeof Action.JUMP;

export interface EbtablesHost {
  readonly table: DeviceTable;
  readonly world: World;
}

const Verdict = { ACCEPT: 0, DROP: 1, RETURN: 2 } as const;
type VerdictCode = (typeof Verdict)[keyof typeof Verdict];

export class Ebtables implements BridgeHook, DeviceWatcher {
  readonly priority = BridgePriority.FILTER_BRIDGED;
  filter = new EbTable();
  private readonly host: EbtablesHost;
  private readonly packet = new EbPacket();
  private readonly logged = new HookState();
  private active = false;
  /** By name of the chain, which may come again. */
  private readonly points = new Map<string, Point>();

  constructor(host: EbtablesHost) {
    this.host = host;
  }

  /** The table has been changed: from now on frames meet it, or nothing. */
  changed(filter: EbTable = this.filter): void {
    const { table } = this.host;
    this.filter = filter;
    for (const chain of filter.chains.values()) chain.point ??= this.pointOf(chain.name);
    const active = !this.filter.isEmpty;
    if (active === this.active) return;
    this.active = active;
    if (active) table.watchers.add(this);
    else table.watchers.remove(this);
    for (const device of table.devices) if (device instanceof Bridge) this.seat(device);
  }

  private pointOf(name: string): Point {
    const { table, world } = this.host;
    const point = this.points.get(name) ?? world.point(table.machine, `ebtables.${name}`, "drop");
    this.points.set(name, point);
    return point;
  }

  deviceChanged(device: NetDevice, change: DeviceChange): void {
    if (change === "registered" && device instanceof Bridge) this.seat(device);
  }

  enter(): boolean {
    return true;
  }

  toHost(frame: Frame, ingress: BridgePort): boolean {
    return this.run("INPUT", frame, ingress.device, null);
  }

  forward(frame: Frame, ingress: BridgePort, egress: BridgePort): boolean {
    return this.run("FORWARD", frame, ingress.device, egress.device);
  }

  fromHost(frame: Frame, egress: BridgePort): boolean {
    return this.run("OUTPUT", frame, null, egress.device);
  }

  leave(): boolean {
    return true;
  }

  private seat(bridge: Bridge): void {
    if (this.active) bridge.forwarding.hooks.add(this);
    else bridge.forwarding.hooks.remove(this);
  }

  private run(name: "INPUT" | "FORWARD" | "OUTPUT", frame: Frame, input: NetDevice | null, output: NetDevice | null) {
    const { packet } = this;
    packet.frame = frame;
    packet.input = input;
    packet.output = output;
    const chain = this.filter.find(name)!;
    const verdict = this.walk(chain, packet);
    if (verdict === Verdict.ACCEPT) return true;
    if (verdict === Verdict.DROP) return false;
    const accepts = chain.policy !== "DROP";
    this.note(Step.POLICY_APPLIED, frame, accepts ? 1 : 0, chain);
    return accepts || this.drop(frame, Fate.EBTABLES_POLICY, chain);
  }

  /** A frame that is dropped has ended here. */
  private walk(chain: EbChain, packet: EbPacket): VerdictCode {
    const { frame } = packet;
    for (let i = 0; i < chain.rules.length; i++) {
      const rule = chain.rules[i]!;
      const { spec } = rule;
      if (!holds(spec.matches, packet)) continue;
      rule.packets++;
      rule.bytes += frame.length - ethernet.HEADER_LENGTH;
      if (spec.log !== null) this.log(spec.log, packet);
      const action = actionOf(spec.target);
      if (this.host.world.recorder.on) this.note(Step.RULE_HELD, frame, this.stepOf(i + 1, spec.target), chain);
      if (action === Action.ACCEPT) return Verdict.ACCEPT;
      if (action === Action.END) return Verdict.RETURN;
      if (action === Action.DROP) {
        this.drop(frame, Fate.EBTABLES_DROP, chain);
        return Verdict.DROP;
      }
      if (action !== Action.JUMP) continue;
      const verdict = this.enterChain(this.filter.find(spec.target)!, packet);
      if (verdict !== Verdict.RETURN) return verdict;
    }
    return Verdict.RETURN;
  }

  private enterChain(chain: EbChain, packet: EbPacket): VerdictCode {
    const verdict = this.walk(chain, packet);
    if (verdict !== Verdict.RETURN || chain.policy === "RETURN") return verdict;
    if (chain.policy === "ACCEPT") return Verdict.ACCEPT;
    this.drop(packet.frame, Fate.EBTABLES_POLICY, chain);
    return Verdict.DROP;
  }

  /** nf_log_packet, as it writes of IPv4; of other frames only devices and addresses. */
  private log({ level, prefix }: EbLog, { frame, input, output }: EbPacket): void {
    const { logged } = this;
    logged.hook = Hook.FORWARD;
    logged.frame = frame;
    logged.input = input;
    logged.output = output;
    const isIp = ethernet.etherType(frame.bytes, frame.at) === ethernet.EtherType.IPV4;
    const target = { kind: "log", prefix, level, flags: LogFlag.MAC_DECODE } as const;
    const line = logLine(logged, target);
    this.host.table.log.print(isIp ? line : line.replace(/(MACPROTO=\S+) .*$/, "$1"));
  }

  private stepOf(number: number, target: string): number {
    const action = actionOf(target);
    if (action !== Action.JUMP) return ruleStep(number, KINDS[action]);
    return ruleStep(number, "jump", this.filter.find(target)!.point!.id);
  }

  private drop(frame: Frame, fate: FateCode, chain: EbChain): false {
    this.host.world.end(frame, fate, chain.point!);
    return false;
  }

  private note(code: number, frame: Frame, a: number, chain: EbChain): void {
    const { recorder } = this.host.world;
    if (recorder.on) recorder.note(code, frame.id, chain.point!.id, a, chain.point!.id);
  }
}

const KINDS = {
  [Action.ACCEPT]: "accept",
  [Action.DROP]: "drop",
  [Action.NONE]: "none",
  [Action.END]: "return",
} as const;

function actionOf(target: string): EbAction {
  switch (target) {
    case "ACCEPT":
      return Action.ACCEPT;
    case "DROP":
      return Action.DROP;
    case "CONTINUE":
      return Action.NONE;
    case "RETURN":
      return Action.END;
    default:
      return Action.JUMP;
  }
}
