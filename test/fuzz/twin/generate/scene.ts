/** Who is there: domain 0 as a mode has set it up, and the stations at its interfaces. */
import { type Ipv4, type Mac, parseIpv4, parseMac } from "../../../../src/packet/address.ts";
import { CABLES } from "../ground.ts";

export const ip = (text: string): Ipv4 => parseIpv4(text)!;
export const mac = (text: string): Mac => parseMac(text)!;

export const INTERFACES: readonly string[] = CABLES.map(({ near }) => near);
export const VIFS: readonly string[] = INTERFACES.filter((near) => near.startsWith("vif"));
export const WIRE = "eth0";

export interface Station {
  readonly mac: Mac;
  readonly ip: Ipv4;
  /** The interface of domain 0 that it is behind. */
  readonly on: string;
}

export interface Scene {
  /** Lines that make it. */
  readonly setup: readonly string[];
  readonly stations: readonly Station[];
  /** Addresses of domain 0, with their prefixes, by device: "xenbr0" -> ["192.168.1.10/24"]. */
  readonly addresses: Readonly<Record<string, readonly string[]>>;
  /** By which addresses domain 0 is reached through an interface. */
  readonly doors: Readonly<Record<string, readonly Mac[]>>;
  /** The device of domain 0's own stack that an interface leads to. */
  readonly stackDevice: Readonly<Record<string, string>>;
  /** What stations behind a masquerade seem to speak with; null: there is none. */
  readonly mask: Ipv4 | null;
  /** Bridges, if there are any. */
  readonly bridges: readonly string[];
}

/** The addresses of domain 0. */
export const ownAddresses = ({ addresses }: Scene): Ipv4[] =>
  Object.values(addresses).flatMap((list) => list.map((text) => ip(text.split("/")[0]!)));

/** Devices that have a place in domain 0's stack. */
export const stackDevices = ({ stackDevice }: Scene): string[] => [...new Set(Object.values(stackDevice))];

export const areOnOneLink = ({ stackDevice }: Scene, a: string, b: string): boolean =>
  stackDevice[a] === stackDevice[b];

export const guestMac = (n: number): Mac => (0x0016_3e00_0000 + n) as Mac;
/** Machines on the wire: the gateway is the first. */
export const outsideMac = (n: number): Mac => (0x0050_5600_0000 + n) as Mac;
export const BRIDGE_MAC = 0x0016_3e00_00b0 as Mac;
export const WIRE_MAC = mac(CABLES.find(({ near }) => near === WIRE)!.mac);
export const VIF_MAC = mac(CABLES[0]!.mac);

/** 192.168.1.0/24: the gateway and another machine. */
export const OUTSIDE: readonly Station[] = [1, 2].map((n) => ({
  mac: outsideMac(n),
  ip: ip(`192.168.1.${n}`),
  on: WIRE,
}));

/** `guest` gives each its address. */
export const guests = (guest: (n: number) => string): Station[] =>
  VIFS.map((on, i) => ({ mac: guestMac(i + 1), ip: ip(guest(i + 1)), on }));
