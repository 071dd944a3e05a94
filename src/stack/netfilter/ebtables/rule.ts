/**
 * A rule of ebtables: what it asks of a frame, and what happens to one that it holds for. Plain data.
 * Follows include/uapi/linux/netfilter_bridge/ebt_*.h. Not modelled: VLAN, STP, IPv6, marks, limit, NAT and redirect targets.
 */
import type { Ipv4, Mac } from "../../../packet/address.ts";

/** In place of an EtherType: the field is a length (802.3). */
export const LENGTH_FIELD = -1;

/** In the order in which they are printed. */
export const MATCH_ORDER = [
  "proto",
  "source",
  "destination",
  "in",
  "logical-in",
  "out",
  "logical-out",
  "ip-src",
  "ip-dst",
  "ip-proto",
  "ip-sport",
  "ip-dport",
  "arp-op",
  "arp-ip-src",
  "arp-ip-dst",
  "arp-mac-src",
  "arp-mac-dst",
  "pkttype",
] as const;

export type EbMatch = { readonly not: boolean } & (
  | { readonly kind: "proto" | "ip-proto" | "arp-op" | "pkttype"; readonly value: number }
  | { readonly kind: "source" | "destination" | "arp-mac-src" | "arp-mac-dst"; readonly mac: Mac; readonly mask: Mac }
  | { readonly kind: "in" | "logical-in" | "out" | "logical-out"; readonly name: string }
  | { readonly kind: "ip-src" | "ip-dst" | "arp-ip-src" | "arp-ip-dst"; readonly address: Ipv4; readonly mask: Ipv4 }
  | { readonly kind: "ip-sport" | "ip-dport"; readonly from: number; readonly to: number }
);

export interface EbLog {
  readonly level: number;
  readonly prefix: string;
  readonly ip: boolean;
  readonly arp: boolean;
}

export interface EbSpec {
  /** In the order of MATCH_ORDER. */
  readonly matches: readonly EbMatch[];
  readonly log: EbLog | null;
  /** ACCEPT, DROP, CONTINUE, RETURN or a chain. */
  readonly target: string;
}

export const EB_TARGETS = ["ACCEPT", "DROP", "CONTINUE", "RETURN"] as const;

export class EbRule {
  readonly spec: EbSpec;
  packets = 0;
  bytes = 0;

  constructor(spec: EbSpec) {
    this.spec = spec;
  }
}

export const sameSpec = (a: EbSpec, b: EbSpec): boolean => JSON.stringify(a) === JSON.stringify(b);

/** include/uapi/linux/if_packet.h PACKET_* */
export const PacketType = { HOST: 0, BROADCAST: 1, MULTICAST: 2, OTHER_HOST: 3 } as const;
