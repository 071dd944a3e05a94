/** What the stations send, one after the other; conversations and packets are remembered, so that later ones can be about them. */
import { BROADCAST_MAC, type Ipv4, isMulticast, type Mac } from "../../../../src/packet/address.ts";
import { EtherType } from "../../../../src/packet/ethernet.ts";
import * as ipv4 from "../../../../src/packet/ipv4.ts";
import { arpFrame } from "./arp.ts";
import type { Chance } from "./chance.ts";
import { fragments, packet, spoilHeader } from "./ip-packet.ts";
import { anything, framed, groupAddress, oddSource, tagged } from "./link.ts";
import { areOnOneLink, ip, ownAddresses, type Scene, type Station } from "./scene.ts";
import { Talk } from "./talk.ts";
import { complaint } from "./transport.ts";

export interface Sent {
  readonly on: string;
  readonly bytes: Uint8Array;
}

const ELSEWHERE = ["203.0.113.5", "203.0.113.9", "198.51.100.7", "10.9.9.9", "192.168.1.77", "192.168.122.99"].map(ip);
const STRANGE = ["255.255.255.255", "224.0.0.1", "224.0.0.5", "239.1.2.3", "127.0.0.1", "0.0.0.0", "240.0.0.1"].map(ip);
const NETWORKS = ["192.168.1.255", "192.168.1.0", "192.168.122.255", "10.0.1.255", "10.0.2.0"].map(ip);
/** Neither tracked nor tunnelled. */
const PROTOCOLS = [2, 89, 200, 253];

export class Sender {
  private readonly chance: Chance;
  private readonly scene: Scene;
  private readonly talks: Talk[] = [];
  /** IP packets that were sent. */
  private readonly packets: Uint8Array[] = [];
  /** Far from where the machine's own begin. */
  private id = 0x5000;

  constructor(chance: Chance, scene: Scene) {
    this.chance = chance;
    this.scene = scene;
  }

  /** Below 1024 a masquerade chooses another by chance. */
  private get services(): readonly number[] {
    return this.scene.mask === null ? [7, 22, 53, 80, 1500] : [1500, 2049, 5353, 8080];
  }

  next(): Sent[] {
    const { chance, scene } = this;
    const station = chance.pick(scene.stations);
    switch (chance.weighted({ talk: 30, ask: 10, complain: 6, arp: 10, odd: 3, noise: 3 })) {
      case "talk":
        return this.continued(
          chance.maybe(0.65) && this.talks.length > 0 ? chance.pick(this.talks) : this.begun(station),
        );
      case "ask":
        return this.continued(this.begun(station));
      case "complain":
        return this.complaint(station);
      case "arp":
        return [this.onLink(station, arpFrame(chance, scene, station))];
      case "odd":
        return this.oddProtocol(station);
      case "noise":
        return [this.onLink(station, this.noise(station))];
    }
  }

  private begun(station: Station): Talk {
    const { chance } = this;
    const from = chance.maybe(0.06) ? this.somebody() : station.ip;
    // A port of its own: two that are translated to one would be told apart by chance.
    const port = chance.maybe(0.04) ? chance.pick(this.services) : 20_000 + this.talks.length;
    const talk = new Talk(chance, from, this.target(), port, this.services);
    this.talks.push(talk);
    return talk;
  }

  /** Either side goes on; the answer to somebody behind a mask goes to the mask. */
  private continued(talk: Talk): Sent[] {
    const { chance, scene } = this;
    const isAnswer = this.packets.length > 0 && chance.maybe(0.4);
    const source = isAnswer ? talk.to : talk.from;
    const back = scene.mask !== null && chance.maybe(0.8) ? scene.mask : talk.from;
    const destination = isAnswer ? back : talk.to;
    const payload = talk.payload(chance, isAnswer, source, destination);
    return this.ipFrames(this.speakerFor(source), { source, destination, protocol: talk.protocol, payload });
  }

  /** Who has that address, or is on the way to it. */
  private speakerFor(address: Ipv4): Station {
    const { stations } = this.scene;
    return (
      stations.find((each) => each.ip === address) ??
      (this.chance.maybe(0.8) ? stations.at(-2)! : this.chance.pick(stations))
    );
  }

  /** An error about what was sent, seen from behind the mask or not, or about what never was. */
  private complaint(station: Station): Sent[] {
    const { chance, scene } = this;
    const known = this.packets.length > 0 && chance.maybe(0.8) ? chance.pick(this.packets) : this.invented(station);
    const culprit = known.slice();
    if (scene.mask !== null && culprit.length >= 20 && chance.maybe(0.6)) ipv4.setSource(culprit, 0, scene.mask);
    if (culprit.length >= 20 && chance.maybe(0.7)) ipv4.fillChecksum(culprit, 0);
    const speaker = chance.maybe(0.6) && culprit.length >= 20 ? this.speakerFor(ipv4.destination(culprit, 0)) : station;
    const destination = culprit.length >= 20 && chance.maybe(0.9) ? ipv4.source(culprit, 0) : this.target();
    const payload = complaint(chance, culprit, chance.pick(scene.stations).ip);
    return this.ipFrames(speaker, { source: speaker.ip, destination, protocol: ipv4.Protocol.ICMP, payload });
  }

  private invented(station: Station): Uint8Array {
    const { chance } = this;
    const talk = new Talk(
      chance,
      chance.pick([...ownAddresses(this.scene), station.ip]),
      this.target(),
      chance.from(1, 65_535),
      this.services,
    );
    const payload = talk.payload(chance, false, talk.from, talk.to);
    return packet(chance, { source: talk.from, destination: talk.to, protocol: talk.protocol, payload, id: ++this.id });
  }

  private oddProtocol(station: Station): Sent[] {
    const { chance } = this;
    const payload = chance.bytes(chance.pick([0, 8, 30]));
    return this.ipFrames(station, {
      source: station.ip,
      destination: this.target(),
      protocol: chance.pick(PROTOCOLS),
      payload,
    });
  }

  private ipFrames(
    speaker: Station,
    of: { source: Ipv4; destination: Ipv4; protocol: number; payload: Uint8Array },
  ): Sent[] {
    const { chance } = this;
    const whole = packet(chance, { ...of, id: ++this.id });
    this.packets.push(whole);
    if (of.payload.length > 16 && chance.maybe(0.12))
      return fragments(chance, whole).map((each) => this.ipFrame(speaker, each, of.destination));
    if (chance.maybe(0.06)) spoilHeader(chance, whole);
    return [this.ipFrame(speaker, whole, of.destination)];
  }

  private ipFrame(speaker: Station, bytes: Uint8Array, destination: Ipv4): Sent {
    const { chance } = this;
    const padded = new Uint8Array(
      Math.max(bytes.length, chance.maybe(0.6) ? 46 : 0) + (chance.maybe(0.03) ? chance.below(9) : 0),
    );
    padded.set(bytes);
    const frame = framed(this.nextHop(speaker, destination), speaker.mac, EtherType.IPV4, padded);
    return this.onLink(speaker, chance.maybe(0.02) ? frame.slice(0, 14 + chance.below(frame.length - 14)) : frame);
  }

  /** Which MAC the speaker would choose; now and then another. */
  private nextHop(speaker: Station, destination: Ipv4): Mac {
    const { chance, scene } = this;
    if (chance.maybe(0.04)) return chance.pick([this.macOf(speaker), BROADCAST_MAC, groupAddress(chance)]);
    if (isMulticast(destination)) return (0x0100_5e00_0000 + (destination & 0x7f_ffff)) as Mac;
    if (destination === STRANGE[0] || (destination & 255) === 255) return BROADCAST_MAC;
    const station = scene.stations.find((each) => each.ip === destination);
    if (station !== undefined && areOnOneLink(scene, station.on, speaker.on) && station.on !== speaker.on)
      return station.mac;
    return chance.pick(scene.doors[speaker.on]!);
  }

  private onLink(station: Station, bytes: Uint8Array): Sent {
    const { chance, scene } = this;
    const on = chance.maybe(0.02) ? chance.pick(scene.stations).on : station.on;
    return { on, bytes: chance.maybe(0.04) ? tagged(chance, bytes) : bytes };
  }

  private noise(station: Station): Uint8Array {
    const { chance } = this;
    const source = chance.maybe(0.1) ? chance.pick([oddSource(chance), this.macOf(station)]) : station.mac;
    return anything(chance, chance.maybe(0.3) ? groupAddress(chance) : this.macOf(station), source);
  }

  /** Somebody's, as seen by the station. */
  private macOf(station: Station): Mac {
    const { chance, scene } = this;
    return chance.maybe(0.3) ? chance.pick(scene.doors[station.on]!) : chance.pick(scene.stations).mac;
  }

  private target(): Ipv4 {
    const { chance, scene } = this;
    const own = ownAddresses(scene);
    switch (chance.weighted({ own: 4, station: 8, elsewhere: 4, strange: 1, network: 1 })) {
      case "own":
        return chance.pick(own.length > 0 ? own : ELSEWHERE);
      case "station":
        return chance.pick(scene.stations).ip;
      case "elsewhere":
        return chance.pick(ELSEWHERE);
      case "strange":
        return chance.pick(STRANGE);
      case "network":
        return chance.pick(NETWORKS);
    }
  }

  private somebody(): Ipv4 {
    const { chance, scene } = this;
    return chance.pick([
      chance.pick(scene.stations).ip,
      chance.pick(ELSEWHERE),
      chance.pick(STRANGE),
      ...ownAddresses(scene),
    ]);
  }
}
