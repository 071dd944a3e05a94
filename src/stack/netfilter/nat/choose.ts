/**
 * Which address and port a flow gets: nf_nat_core.c of Linux 6.1 (get_unique_tuple, find_best_ips_proto,
 * nf_nat_l4proto_unique_tuple). The port stays as it is when it may and nobody else has it; else one is looked for in its
 * class (below 512, below 1024, above), from an offset that the kernel draws by chance and we from a seeded stream.
 */
import type { Random } from "../../../engine/random.ts";
import * as ipv4 from "../../../packet/ipv4.ts";
import type { Flow } from "../conntrack/flow.ts";
import type { Tracker } from "../conntrack/tracker.ts";
import { assign, invert, Tuple } from "../conntrack/tuple.ts";
import type { NatRange } from "../rule.ts";
import { type BySource, hasSameSource } from "./by-source.ts";
import { hashAddress, swap } from "./jhash.ts";

/** enum nf_nat_manip_type */
export const Manip = { SRC: 0, DST: 1 } as const;
export type ManipCode = (typeof Manip)[keyof typeof Manip];

/** NF_NAT_MAX_ATTEMPTS; and the search is given up with fewer than sixteen. */
const MOST_ATTEMPTS = 128;
const FEWEST_ATTEMPTS = 16;
const PORTS = 65_536;

const hasAddresses = ({ from, to }: NatRange): boolean => from !== 0 || to !== 0;
const hasPorts = ({ fromPort, toPort }: NatRange): boolean => fromPort !== 0 || toPort !== 0;

export class Chooser {
  private readonly tracker: Tracker;
  private readonly bySource: BySource;
  private readonly random: Random;
  private readonly reply = new Tuple();
  /** The ports that are looked through. */
  private first = 0;
  private count = 0;

  constructor(tracker: Tracker, bySource: BySource, random: Random) {
    this.tracker = tracker;
    this.bySource = bySource;
    this.random = random;
  }

  /** get_unique_tuple: fills `chosen` for a flow that without more would be `own`. It may be taken all the same. */
  choose(chosen: Tuple, own: Tuple, range: NatRange, flow: Flow, manip: ManipCode): void {
    const isRandom = range.random || range.fullyRandom;
    assign(chosen, own);
    if (manip === Manip.SRC && !isRandom) {
      if (isInRange(own, range)) {
        if (!this.isTaken(own, flow)) return;
      } else if (this.findMapping(chosen, own, range) && !this.isTaken(chosen, flow)) return;
    }
    assign(chosen, own);
    chooseAddress(chosen, range, manip);
    if (!isRandom && this.keepsPort(chosen, range, flow, manip)) return;
    this.choosePort(chosen, range, flow, manip);
  }

  private keepsPort(chosen: Tuple, range: NatRange, flow: Flow, manip: ManipCode): boolean {
    if (!hasPorts(range)) return !this.isTaken(chosen, flow);
    if (!isPortInRange(chosen, range, manip)) return false;
    return range.fromPort === range.toPort || !this.isTaken(chosen, flow);
  }

  /** find_appropriate_src */
  private findMapping(chosen: Tuple, own: Tuple, range: NatRange): boolean {
    for (let flow = this.bySource.first(own); flow !== null; flow = flow.nextBySource) {
      if (!hasSameSource(flow, own)) continue;
      invert(chosen, flow.reply);
      chosen.destination = own.destination;
      chosen.destinationPort = own.destinationPort;
      if (isInRange(chosen, range)) return true;
    }
    return false;
  }

  private isTaken(tuple: Tuple, flow: Flow): boolean {
    invert(this.reply, tuple);
    return this.tracker.isTaken(this.reply, flow);
  }

  private choosePort(chosen: Tuple, range: NatRange, flow: Flow, manip: ManipCode): void {
    if (!this.bound(chosen, range, manip)) return;
    let offset = range.random || range.fullyRandom || manip === Manip.SRC ? this.random.below(PORTS) : 0;
    for (let attempts = Math.min(this.count, MOST_ATTEMPTS); ; attempts = attempts >>> 1) {
      for (let i = 0; i < attempts; i++, offset = (offset + 1) % PORTS) {
        setPort(chosen, manip, this.first + (offset % this.count));
        if (!this.isTaken(chosen, flow)) return;
      }
      if (attempts >= this.count || attempts < FEWEST_ATTEMPTS) return;
      offset = this.random.below(PORTS);
    }
  }

  /** The ports that may be chosen from. False: none may be changed. */
  private bound(chosen: Tuple, range: NatRange, manip: ManipCode): boolean {
    const isEcho = chosen.protocol === ipv4.Protocol.ICMP;
    if (!isEcho && chosen.protocol !== ipv4.Protocol.TCP && chosen.protocol !== ipv4.Protocol.UDP) return false;
    if (hasPorts(range))
      return this.among(Math.min(range.fromPort, range.toPort), Math.max(range.fromPort, range.toPort));
    if (isEcho) return this.among(0, PORTS - 1);
    if (manip === Manip.DST) return false;
    const port = chosen.sourcePort;
    if (port < 512) return this.among(1, 511);
    return port < 1024 ? this.among(600, 1023) : this.among(1024, PORTS - 1);
  }

  private among(first: number, last: number): true {
    this.first = first;
    this.count = last - first + 1;
    return true;
  }
}

/** find_best_ips_proto: of several addresses the one that the two ends' addresses hash to. */
function chooseAddress(chosen: Tuple, range: NatRange, manip: ManipCode): void {
  if (!hasAddresses(range)) return;
  const seed = range.persistent ? 0 : swap(chosen.destination);
  const hash = range.from === range.to ? 0 : hashAddress(swap(chosen.source), seed);
  const address = (range.from + Math.floor((hash * (range.to - range.from + 1)) / 2 ** 32)) | 0;
  if (manip === Manip.SRC) chosen.source = address;
  else chosen.destination = address;
}

/** nf_in_range, of a source */
function isInRange(tuple: Tuple, range: NatRange): boolean {
  const source = tuple.source >>> 0;
  if (hasAddresses(range) && (source < range.from || source > range.to)) return false;
  return !hasPorts(range) || isPortInRange(tuple, range, Manip.SRC);
}

function isPortInRange(tuple: Tuple, range: NatRange, manip: ManipCode): boolean {
  const { ICMP, TCP, UDP } = ipv4.Protocol;
  if (tuple.protocol !== ICMP && tuple.protocol !== TCP && tuple.protocol !== UDP) return true;
  const port = manip === Manip.SRC || tuple.protocol === ICMP ? tuple.sourcePort : tuple.destinationPort;
  return port >= range.fromPort && port <= range.toPort;
}

/** An identifier of ICMP is the same in both directions. */
function setPort(tuple: Tuple, manip: ManipCode, port: number): void {
  if (manip === Manip.SRC || tuple.protocol === ipv4.Protocol.ICMP) tuple.sourcePort = port;
  else tuple.destinationPort = port;
}
