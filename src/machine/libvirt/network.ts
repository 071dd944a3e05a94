/**
 * What libvirt knows of a virtual network: virNetworkDef of src/conf/network_conf.h, libvirt 9.0.
 *
 * Not modelled: networks that only borrow a bridge or a NIC of the host (forward modes bridge, private, vepa, passthrough,
 * hostdev), IPv6, port groups, VLANs, bandwidth, TFTP, SRV records, several outgoing devices.
 */
import type { Ipv4, Mac } from "../../packet/address.ts";

/** "none": isolated, without an element <forward>. */
export type ForwardMode = "none" | "nat" | "route" | "open";

export interface Range<Value> {
  readonly start: Value;
  readonly end: Value;
}

export interface Forward {
  readonly mode: ForwardMode;
  /** The only way out there is; null: whichever the routes say. */
  readonly device: string | null;
  /** What guests look like outside; null: like the device they leave by. */
  readonly addresses: Range<Ipv4> | null;
  /** Source ports of TCP and UDP; null until the network starts, then 1024 to 65535. */
  readonly ports: Range<number> | null;
}

export interface DhcpHost {
  readonly mac: Mac | null;
  readonly name: string | null;
  readonly address: Ipv4;
}

export interface NetworkIp {
  readonly address: Ipv4;
  /** As it was written; "class": neither, then the class of old of the address says it. */
  readonly written: "netmask" | "prefix" | "class";
  readonly prefix: number;
  readonly ranges: readonly Range<Ipv4>[];
  readonly hosts: readonly DhcpHost[];
  /** There is an element <dhcp>, if an empty one. */
  readonly hasDhcp: boolean;
}

export interface Dns {
  readonly enabled: boolean;
  readonly forwarders: readonly { readonly domain: string | null; readonly address: string | null }[];
  readonly texts: readonly { readonly name: string; readonly value: string }[];
  readonly hosts: readonly { readonly address: Ipv4; readonly names: readonly string[] }[];
}

export interface NetworkRoute {
  readonly address: Ipv4;
  readonly written: "netmask" | "prefix";
  readonly prefix: number;
  readonly gateway: Ipv4;
  readonly metric: number | null;
}

export interface NetworkDefinition {
  readonly name: string;
  readonly uuid: string | null;
  readonly title: string | null;
  readonly forward: Forward;
  readonly bridge: {
    /** Null, or one with %d: the first name that is free. */
    readonly name: string | null;
    readonly stp: boolean;
    /** Seconds; 0 with STP is what the kernel makes of it: 2. */
    readonly delay: number;
  };
  readonly mtu: number | null;
  readonly mac: Mac | null;
  readonly domain: { readonly name: string; readonly localOnly: boolean | null } | null;
  /** Null: no element <dns>, which means the same as an empty one. */
  readonly dns: Dns | null;
  readonly ips: readonly NetworkIp[];
  readonly routes: readonly NetworkRoute[];
}

/** With everything that libvirt adds when it takes a definition in. */
export interface Network extends NetworkDefinition {
  readonly uuid: string;
  readonly bridge: { readonly name: string; readonly stp: boolean; readonly delay: number };
  readonly mac: Mac;
}

/** Hands out or fixes addresses: then a rule fills in checksums for DHCP clients. */
export const hasDhcp = (network: NetworkDefinition): boolean =>
  network.ips.some(({ ranges, hosts }) => ranges.length + hosts.length > 0);
