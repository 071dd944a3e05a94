/** UDP. */
import { pseudoHeader } from "../checksum.ts";
import { Protocol } from "../ipv4.ts";
import * as udp from "../udp.ts";
import type { Dissected, Field, Scope } from "./layer.ts";
import * as layer from "./layer.ts";

const TITLE = "User Datagram Protocol";

export function dissectUdp(scope: Scope, from: number, to: number): Dissected {
  const b = scope.bytes;
  if (from + udp.HEADER_LENGTH > to) return layer.cutShort("udp", TITLE, udp.HEADER_LENGTH, from, to);
  const length = udp.datagramLength(b, from);
  const payload = udp.payloadAt(from);
  const extent = Math.max(payload, Math.min(to, from + length));
  const ports = [udp.sourcePort(b, from), udp.destinationPort(b, from)] as const;
  const fields = [
    layer.number16(b, from, "udp.srcport", "Source port"),
    layer.number16(b, from + 2, "udp.dstport", "Destination port"),
    layer.number16(b, from + 4, "udp.length", "Length"),
    checksum(scope, from, extent),
  ];
  if (length < udp.HEADER_LENGTH) fields.push(layer.malformed("the length is less than 8", from + 4, from + 6));
  const title = `${TITLE}, Src Port: ${ports[0]}, Dst Port: ${ports[1]}`;
  return {
    layer: { protocol: "udp", title, from, to: payload, fields },
    next: { space: "port", keys: [ports[1], ports[0]], from: payload, to: extent },
    extent,
  };
}

function checksum(scope: Scope, from: number, extent: number): Field {
  const at = from + udp.CHECKSUM;
  if (udp.checksumField(scope.bytes, from) === 0) {
    return layer.field("udp.checksum", "Checksum", 0, "0x0000 [none]", [at, at + 2]);
  }
  const length = udp.datagramLength(scope.bytes, from);
  const start = pseudoHeader(scope.source, scope.destination, Protocol.UDP, length);
  const isWhole = scope.isWhole && extent - from === length;
  return layer.transportChecksum({ ...scope, isWhole }, "udp.checksum", at, [from, extent], start);
}
