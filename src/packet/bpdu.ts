/**
 * Bridge protocol data units of the spanning tree: IEEE 802.1D-1998 clause 9, behind LLC (IEEE 802.2) on 802.3.
 *
 *      0     1      2      3          0        2       3      4       5      13     17       25     27    29    31    33
 *     | DSAP | SSAP | ctrl |  then:  | protocol| vers | type | flags | root | cost | bridge | port | age | max | hello | fd |
 *
 * Times are 256ths of a second. Not modelled: rapid and multiple spanning trees (versions 2 and 3).
 */
import { get8, get16, get32, get48, put8, put16, put32, put48 } from "../base/bytes.ts";
import type { Mac } from "./address.ts";

/** Service access point of the spanning tree, twice, and an unnumbered information frame. */
export const SAP = 0x42;
export const LLC_LENGTH = 3;
const UNNUMBERED = 3;

export const BpduType = { CONFIG: 0x00, TOPOLOGY_CHANGE: 0x80 } as const;
export const BpduFlag = { TOPOLOGY_CHANGE: 0x01, ACKNOWLEDGED: 0x80 } as const;

export const CONFIG_LENGTH = 35;
export const TOPOLOGY_CHANGE_LENGTH = 4;

const TYPE = 3;
const FLAGS = 4;
const ROOT = 5;
const COST = 13;
const BRIDGE = 17;
const PORT = 25;
const AGE = 27;
const MAX_AGE = 29;
const HELLO = 31;
const FORWARD_DELAY = 33;

/** Compared as one number of 64 bits. */
export interface BridgeId {
  readonly priority: number;
  readonly mac: Mac;
}

export const compareIds = (a: BridgeId, b: BridgeId): number => a.priority - b.priority || a.mac - b.mac;
export const sameId = (a: BridgeId, b: BridgeId): boolean => a.priority === b.priority && a.mac === b.mac;

export interface Config {
  readonly topologyChange: boolean;
  readonly acknowledged: boolean;
  readonly root: BridgeId;
  readonly cost: number;
  readonly bridge: BridgeId;
  readonly port: number;
  /** 256ths of a second. */
  readonly age: number;
  readonly maxAge: number;
  readonly hello: number;
  readonly forwardDelay: number;
}

/** LLC header and the four bytes that every BPDU has, of the version that is known here. */
export const check = (b: Uint8Array, at: number, end: number): boolean =>
  at + LLC_LENGTH + TOPOLOGY_CHANGE_LENGTH <= end &&
  get8(b, at) === SAP &&
  get8(b, at + 1) === SAP &&
  get16(b, at + LLC_LENGTH) === 0 &&
  get8(b, at + LLC_LENGTH + 2) === 0;

/** Behind the LLC header, as everything below. */
export const type = (b: Uint8Array, at: number): number => get8(b, at + TYPE);
export const flags = (b: Uint8Array, at: number): number => get8(b, at + FLAGS);
export const port = (b: Uint8Array, at: number): number => get16(b, at + PORT);
export const age = (b: Uint8Array, at: number): number => get16(b, at + AGE);
export const maxAge = (b: Uint8Array, at: number): number => get16(b, at + MAX_AGE);
export const hello = (b: Uint8Array, at: number): number => get16(b, at + HELLO);
export const forwardDelay = (b: Uint8Array, at: number): number => get16(b, at + FORWARD_DELAY);

/** Null when it is cut. */
export function parseConfig(b: Uint8Array, at: number, end: number): Config | null {
  if (at + CONFIG_LENGTH > end) return null;
  return {
    topologyChange: (flags(b, at) & BpduFlag.TOPOLOGY_CHANGE) !== 0,
    acknowledged: (flags(b, at) & BpduFlag.ACKNOWLEDGED) !== 0,
    root: idAt(b, at + ROOT),
    cost: get32(b, at + COST),
    bridge: idAt(b, at + BRIDGE),
    port: port(b, at),
    age: age(b, at),
    maxAge: maxAge(b, at),
    hello: hello(b, at),
    forwardDelay: forwardDelay(b, at),
  };
}

/** LLC header and BPDU; answers where it ends. */
export function emitConfig(b: Uint8Array, at: number, config: Config): number {
  const from = emitHead(b, at, BpduType.CONFIG);
  const change = config.topologyChange ? BpduFlag.TOPOLOGY_CHANGE : 0;
  put8(b, from + FLAGS, change | (config.acknowledged ? BpduFlag.ACKNOWLEDGED : 0));
  putId(b, from + ROOT, config.root);
  put32(b, from + COST, config.cost);
  putId(b, from + BRIDGE, config.bridge);
  put16(b, from + PORT, config.port);
  put16(b, from + AGE, config.age);
  put16(b, from + MAX_AGE, config.maxAge);
  put16(b, from + HELLO, config.hello);
  put16(b, from + FORWARD_DELAY, config.forwardDelay);
  return from + CONFIG_LENGTH;
}

export const emitTopologyChange = (b: Uint8Array, at: number): number =>
  emitHead(b, at, BpduType.TOPOLOGY_CHANGE) + TOPOLOGY_CHANGE_LENGTH;

/** Answers where the BPDU begins. */
function emitHead(b: Uint8Array, at: number, kind: number): number {
  put8(b, at, SAP);
  put8(b, at + 1, SAP);
  put8(b, at + 2, UNNUMBERED);
  const from = at + LLC_LENGTH;
  put16(b, from, 0);
  put8(b, from + 2, 0);
  put8(b, from + TYPE, kind);
  return from;
}

export const idAt = (b: Uint8Array, at: number): BridgeId => ({ priority: get16(b, at), mac: get48(b, at + 2) as Mac });

function putId(b: Uint8Array, at: number, { priority, mac }: BridgeId): void {
  put16(b, at, priority);
  put48(b, at + 2, mac);
}
