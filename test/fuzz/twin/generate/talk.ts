/** A conversation between two addresses: what each side says next, mostly as its protocol wants it. */
import type { Ipv4 } from "../../../../src/packet/address.ts";
import * as ipv4 from "../../../../src/packet/ipv4.ts";
import { Flag } from "../../../../src/packet/tcp.ts";
import type { Chance } from "./chance.ts";
import { datagram, type Ports, query, type Segment, segmentBytes } from "./transport.ts";

const { ICMP, TCP, UDP } = ipv4.Protocol;

/** One side of it, as the other sees it. */
interface Side {
  /** The next sequence number. */
  next: number;
  /** What it has acknowledged of the other. */
  seen: number;
  hasFinished: boolean;
}

const side = (next: number): Side => ({ next, seen: 0, hasFinished: false });

export class Talk {
  readonly from: Ipv4;
  readonly to: Ipv4;
  readonly protocol: number;
  /** ICMP: the identifier is both. */
  readonly ports: Ports;
  private readonly sides: readonly [Side, Side];
  private readonly hasScale: boolean;
  private turns = 0;

  constructor(chance: Chance, from: Ipv4, to: Ipv4, port: number, services: readonly number[]) {
    this.from = from;
    this.to = to;
    this.protocol = chance.pick([UDP, UDP, TCP, TCP, TCP, ICMP]);
    this.ports = this.protocol === ICMP ? { from: port, to: port } : { from: port, to: chance.pick(services) };
    this.sides = [side(chance.pick([1, 1000, 0xffff_fff0])), side(chance.pick([1, 77_000, 0x7fff_fffe]))];
    this.hasScale = chance.maybe(0.3);
  }

  /** What `isAnswer`s says next, from `source` to `destination`: on its way back it may have to speak to a mask. */
  payload(chance: Chance, isAnswer: boolean, source: Ipv4, destination: Ipv4): Uint8Array {
    const ends = { source, destination };
    const ports = isAnswer ? { from: this.ports.to, to: this.ports.from } : this.ports;
    this.turns++;
    if (this.protocol === UDP) return datagram(chance, ends, ports);
    if (this.protocol === ICMP) return query(chance, this.queryType(chance, isAnswer), this.ports.from, this.turns);
    return segmentBytes(chance, ends, ports, this.segment(chance, isAnswer ? 1 : 0));
  }

  /** A time stamp (13) would be answered with the time of day. */
  private queryType(chance: Chance, isAnswer: boolean): number {
    if (chance.maybe(0.1)) return chance.pick([14, 15, 16, 17, 18, 9, 10, 42, 1, 7]);
    return isAnswer ? 0 : 8;
  }

  private segment(chance: Chance, who: 0 | 1): Segment {
    if (chance.maybe(0.15)) return this.strange(chance, who);
    const me = this.sides[who];
    const other = this.sides[1 - who]!;
    const isFirst = who === 0 ? this.turns === 1 : me.seen === 0;
    const ack = other.next;
    const base = { sequence: me.next, ack, window: chance.pick([100, 1000, 29_200, 65_535]), options: [], data: 0 };
    if (isFirst) {
      me.next = (me.next + 1) >>> 0;
      me.seen = who === 1 ? ack : 0;
      const flags = who === 0 ? Flag.SYN : Flag.SYN | Flag.ACK;
      return { ...base, flags, ack: who === 0 ? 0 : ack, options: this.synOptions(chance) };
    }
    me.seen = ack;
    if (!me.hasFinished && chance.maybe(0.15)) {
      me.hasFinished = true;
      me.next = (me.next + 1) >>> 0;
      return { ...base, flags: Flag.FIN | Flag.ACK };
    }
    const data = chance.pick([0, 0, 10, 100]);
    me.next = (me.next + data) >>> 0;
    return { ...base, flags: data > 0 ? Flag.PSH | Flag.ACK : Flag.ACK, data };
  }

  private synOptions(chance: Chance): number[] {
    const options = [2, 4, 5, 180];
    if (chance.maybe(0.3)) options.push(4, 2, 1, 1);
    if (this.hasScale) options.push(3, 3, chance.pick([2, 7, 14, 15]), 1);
    if (chance.maybe(0.05)) options.push(chance.pick([2, 3, 99]), chance.pick([0, 1, 40]));
    return chance.maybe(0.1) ? [] : options;
  }

  /** Out of its window, out of turn, or with flags that do not go together. */
  private strange(chance: Chance, who: 0 | 1): Segment {
    const me = this.sides[who];
    const other = this.sides[1 - who]!;
    const shift = chance.pick([0, 1, -1, 1000, -1000, 70_000, -70_000, 0x4000_0000, 0x7fff_ffff]);
    return {
      flags: chance.pick([
        ...[Flag.RST, Flag.RST | Flag.ACK, Flag.SYN, Flag.SYN | Flag.ACK, Flag.ACK, Flag.FIN, Flag.FIN | Flag.ACK, 0],
        ...[Flag.SYN | Flag.FIN, Flag.SYN | Flag.RST, 0x3f, 0x29, Flag.PSH, Flag.URG, Flag.SYN | Flag.ECE | Flag.CWR],
      ]),
      sequence: (me.next + shift) >>> 0,
      ack: (other.next + chance.pick([0, 0, 1, 1000, -70_000, 0x4000_0000])) >>> 0,
      window: chance.pick([0, 1, 1000, 65_535]),
      options: chance.maybe(0.2) ? this.synOptions(chance) : [],
      data: chance.pick([0, 0, 1, 100]),
    };
  }
}
