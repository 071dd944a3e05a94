/** ARP of all kinds: questions, answers, announcements, probes, and what is not well-formed. */
import { put16 } from "../../../../src/base/bytes.ts";
import { BROADCAST_MAC, type Ipv4, type Mac, ZERO_MAC } from "../../../../src/packet/address.ts";
import * as arp from "../../../../src/packet/arp.ts";
import { EtherType } from "../../../../src/packet/ethernet.ts";
import type { Chance } from "./chance.ts";
import { framed } from "./link.ts";
import { ip, ownAddresses, type Scene, type Station } from "./scene.ts";

const STRANGE = [
  "0.0.0.0",
  "127.0.0.1",
  "224.0.0.1",
  "255.255.255.255",
  "192.168.1.255",
  "192.168.1.0",
  "240.0.0.1",
].map(ip);
const ELSEWHERE = ["203.0.113.5", "10.0.0.5", "192.168.1.77", "192.168.122.99"].map(ip);

export function arpFrame(chance: Chance, scene: Scene, sender: Station): Uint8Array {
  const other = chance.pick(scene.stations);
  const own = ownAddresses(scene);
  const target = chance.pick<Ipv4>([
    ...own,
    ...own,
    ...own,
    other.ip,
    other.ip,
    chance.pick(ELSEWHERE),
    chance.pick(STRANGE),
  ]);
  const packet: { -readonly [Key in keyof arp.Packet]: arp.Packet[Key] } = {
    operation: arp.Operation.REQUEST,
    senderMac: sender.mac,
    senderIp: sender.ip,
    targetMac: ZERO_MAC,
    targetIp: target,
  };
  let destination: Mac = BROADCAST_MAC;
  const door = chance.pick(scene.doors[sender.on]!);
  switch (chance.weighted({ question: 6, unicast: 2, answer: 3, announcement: 2, probe: 1, spoofed: 1, odd: 2 })) {
    case "unicast":
      destination = chance.pick([door, other.mac]);
      break;
    case "answer":
      packet.operation = arp.Operation.REPLY;
      packet.targetMac = door;
      destination = chance.pick([door, door, BROADCAST_MAC]);
      break;
    case "announcement":
      packet.operation = chance.pick([1, 2]);
      packet.targetIp = packet.senderIp;
      packet.targetMac = chance.pick([ZERO_MAC, BROADCAST_MAC, sender.mac]);
      break;
    case "probe":
      packet.senderIp = ip("0.0.0.0");
      break;
    case "spoofed":
      packet.senderIp = chance.pick([other.ip, ...own, chance.pick(STRANGE)]);
      packet.senderMac = chance.pick([other.mac, door, packet.senderMac]);
      break;
    case "odd":
      packet.operation = chance.pick([0, 3, 4, 8, 9, 10, 77]);
      packet.senderMac = chance.pick([packet.senderMac, BROADCAST_MAC, ZERO_MAC]);
      break;
    default:
  }
  const padding = chance.pick([18, 18, 0, 1]);
  const bytes = new Uint8Array(arp.LENGTH + padding);
  arp.emit(bytes, 0, packet);
  if (chance.maybe(0.1)) spoil(chance, bytes);
  return framed(
    destination,
    sender.mac,
    EtherType.ARP,
    chance.maybe(0.03) ? bytes.subarray(0, chance.below(28)) : bytes,
  );
}

/** Hardware, protocol, or their lengths. */
function spoil(chance: Chance, bytes: Uint8Array): void {
  const [at, values] = chance.pick([
    [0, [0, 6, 15, 24]],
    [2, [0x0806, 0x86dd, 0]],
    [4, [0x0604, 0x0804, 0x0610, 0x0004, 0x0600]],
  ] as const);
  put16(bytes, at, chance.pick<number>(values));
}
