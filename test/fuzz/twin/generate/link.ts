/** Ethernet: to whom, from whom, with which tags; and frames that carry neither ARP nor IP. */
import { type Mac, parseMac } from "../../../../src/packet/address.ts";
import * as ethernet from "../../../../src/packet/ethernet.ts";
import * as vlan from "../../../../src/packet/vlan.ts";
import type { Chance } from "./chance.ts";

/** Groups that bridges keep to themselves, and others. */
const GROUPS: readonly Mac[] = [
  ...["01:80:c2:00:00:00", "01:80:c2:00:00:01", "01:80:c2:00:00:02", "01:80:c2:00:00:03", "01:80:c2:00:00:0e"],
  ...["01:80:c2:00:00:10", "01:00:5e:00:00:01", "01:00:5e:7f:ff:fa", "33:33:00:00:00:01", "ff:ff:ff:ff:ff:ff"],
].map((text) => parseMac(text)!);

const ODD_SOURCES: readonly Mac[] = ["00:00:00:00:00:00", "01:00:5e:00:00:05", "ff:ff:ff:ff:ff:ff"].map(
  (text) => parseMac(text)!,
);

const TYPES = [
  0x88b5, 0x0806, 0x0800, 0x86dd, 0x8035, 0x8863, 0x88cc, 0x8808, 0x9000, 0x0000, 0x0026, 0x05dc, 0x05dd, 0x0600,
];

export const groupAddress = (chance: Chance): Mac => chance.pick(GROUPS);
export const oddSource = (chance: Chance): Mac => chance.pick(ODD_SOURCES);

export function framed(destination: Mac, source: Mac, etherType: number, payload: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(ethernet.HEADER_LENGTH + payload.length);
  bytes.set(payload, ethernet.emit(bytes, 0, { destination, source, etherType }));
  return bytes;
}

/** Neither ARP nor IP inside, whatever its type says. */
export const anything = (chance: Chance, destination: Mac, source: Mac): Uint8Array =>
  framed(
    destination,
    source,
    chance.pick(TYPES),
    chance.bytes(chance.pick([0, 1, 28, 46, 46, 46, 100, 1496, 1500, 1504])),
  );

export function tagged(chance: Chance, frame: Uint8Array): Uint8Array {
  const tag = new Uint8Array(vlan.TAG_LENGTH);
  const protocol = chance.pick([0x8100, 0x8100, 0x88a8]);
  vlan.emit(tag, 0, {
    protocol,
    priority: chance.below(8),
    dropEligible: chance.maybe(0.1),
    id: chance.pick([0, 1, 5, 5, 4095]),
  });
  const bytes = new Uint8Array(frame.length + vlan.TAG_LENGTH);
  bytes.set(frame.subarray(0, 12));
  bytes.set(tag, 12);
  bytes.set(frame.subarray(12), 12 + vlan.TAG_LENGTH);
  return bytes;
}
