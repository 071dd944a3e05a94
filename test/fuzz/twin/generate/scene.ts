/** Who is there: domain 0 as a mode has set it up, and the stations at its interfaces. */
import { type Ipv4, type Mac, parseIpv4, parseMac } from "../../../../src/packet/address.ts";
import { CABLES } from "../ground.ts";

export const ip = (text: string): Ipv4 => parseIpv4(text)!;
export const mac = (text: string): Mac => parseMac(text)!;

export const VIFS: readonly string[] = CABLES.map(({ near }) => near).filter((near) => near.startsWith("vif"));
export const WIRE = "eth0";
export const INTERFACES: readonly string[] = CABLES.map(({ near }) => near);

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
  /** Addresses of domain 0. */
  readonly own: readonly Ipv4[];
  /** By which addresses domain 0 is reached through an interface. */
  readonly doors: Readonly<Record<string, readonly Mac[]>>;
  /** Which interfaces lie on one link. */
  readonly segments: readonly (readonly string[])[];
  /** What packets of stations behind a masquerade seem to come from; null: there is none. */
  readonly mask: Ipv4 | null;
  /** Devices that rules and routes may name. */
  readonly devices: readonly string[];
}

export const guestMac = (n: number): Mac => (0x0016_3e00_0000 + n) as Mac;
/** Machines on the wire: the gateway is the first. */
export const outsideMac = (n: number): Mac => (0x0050_5600_0000 + n) as Mac;
export const WIRE_MAC = mac(CABLES.find(({ near }) => near === WIRE)!.mac);
export const VIF_MAC = mac(CABLES[0]!.mac);
