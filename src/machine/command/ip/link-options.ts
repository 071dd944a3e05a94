/**
 * The words behind `ip link set|add ... type bridge|bridge_slave`. Follows iproute2's ip/iplink_bridge.c and
 * iplink_bridge_slave.c, and br_changelink and br_setport of Linux 6.1. Times are hundredths of a second.
 * Not modelled: VLAN filtering, multicast snooping, root guard, BPDU guard.
 */
import { Bridge } from "../../../device/bridge.ts";
import type { BridgePort } from "../../../device/bridge-port.ts";
import type { BridgeStp } from "../../../device/bridge-stp.ts";
import type { NetDevice } from "../../../device/device.ts";
import type { Nanos } from "../../../engine/time.ts";
import { type Refusal, refuse } from "../../../stack/errno.ts";
import { abbreviates, Misuse, notModelled, onOff, readUnsigned, type Words, wrong } from "./words.ts";

/** Read first, applied when the whole line is right. */
export interface KindOption {
  readonly name: string;
  readonly value: number;
}

export type LinkKind = "bridge" | "bridge_slave";

const BRIDGE_NUMBERS = [
  "forward_delay",
  "hello_time",
  "max_age",
  "ageing_time",
  "stp_state",
  "priority",
  "group_fwd_mask",
];
const PORT_SWITCHES = ["hairpin", "learning", "flood", "mcast_flood", "bcast_flood", "isolated"];
const PORT_NUMBERS = ["priority", "cost"];
/** What the kernel knows beside. */
const BEYOND =
  /^(vlan_|mcast_|nf_call_|no_linklocal|fdb_flush|fdb_max|group_addr|guard|root_block|fastleave|proxy_arp|neigh_|locked|state|mab)/;

export function readKindOptions(kind: LinkKind, words: Words): KindOption[] {
  const options: KindOption[] = [];
  while (words.more) options.push(readOption(kind, words));
  return options;
}

function readOption(kind: LinkKind, words: Words): KindOption {
  const word = words.take();
  const numbers = kind === "bridge" ? BRIDGE_NUMBERS : PORT_NUMBERS;
  const number = numbers.find((name) => abbreviates(word, name));
  if (number !== undefined) return { name: number, value: readNumber(kind, number, words.take()) };
  const flag = kind === "bridge" ? undefined : PORT_SWITCHES.find((name) => abbreviates(word, name));
  if (flag !== undefined) return { name: flag, value: Number(onOff(flag, words.take())) };
  if (BEYOND.test(word)) throw notModelled(`${kind} ${word}`);
  throw new Misuse(`${kind}: unknown ${kind === "bridge" ? "command" : "option"} "${word}"?`, 1);
}

/** get_u16 of iproute2; the others are get_u32. */
const SHORT = ["priority", "group_fwd_mask"];

function readNumber(kind: LinkKind, name: string, text: string): number {
  const value = readUnsigned(text);
  if (value === null || (SHORT.includes(name) && value > 0xffff))
    throw wrong(text, kind === "bridge" ? `invalid ${name}` : `${name} is invalid`);
  return value;
}

/** Null when all is done. */
export function applyKindOptions(device: NetDevice, kind: LinkKind, options: readonly KindOption[]): Refusal | null {
  const port = device.master instanceof Bridge ? device.master.portOf(device) : null;
  for (const option of options) {
    const refusal =
      kind === "bridge"
        ? device instanceof Bridge
          ? applyToBridge(device, option)
          : refuse("EOPNOTSUPP")
        : port === null
          ? refuse("EINVAL")
          : applyToPort(port, option);
    if (refusal !== null) return refusal;
  }
  return null;
}

const nanos = (centiseconds: number): Nanos => (centiseconds * 1e7) as Nanos;

export function applyToBridge(bridge: Bridge, { name, value }: KindOption): Refusal | null {
  const { stp, fdb } = bridge;
  switch (name) {
    case "forward_delay":
      return inRange(stp.setForwardDelay(nanos(value)));
    case "hello_time":
      return inRange(stp.setHelloTime(nanos(value)));
    case "max_age":
      return inRange(stp.setMaxAge(nanos(value)));
    case "ageing_time":
      fdb.configuredAgeingTime = nanos(value);
      fdb.ageingTime = nanos(value);
      return null;
    case "stp_state":
      stp.setEnabled(value !== 0);
      return null;
    case "priority":
      stp.setPriority(value & 0xffff);
      return null;
    default:
      return setGroupMask(bridge, value);
  }
}

const inRange = (answer: "ok" | "range"): Refusal | null => (answer === "ok" ? null : refuse("ERANGE"));

/** BR_GROUPFWD_RESTRICTED: STP, pause and LACP are never passed on by the bridge's own mask. */
function setGroupMask(bridge: Bridge, mask: number): Refusal | null {
  if ((mask & 0x7) !== 0) return refuse("EINVAL");
  bridge.groupForwardMask = mask;
  return null;
}

const stpOf = (port: BridgePort): BridgeStp => (port.device.master as Bridge).stp;

/** br_set_port_flag, br_stp_set_path_cost (1 to 65535) and br_stp_set_port_priority (0 to 63). */
export function applyToPort(port: BridgePort, { name, value }: KindOption): Refusal | null {
  switch (name) {
    case "cost":
      if (value < 1 || value > 0xffff) return refuse("ERANGE");
      stpOf(port).setPathCost(port, value);
      return null;
    case "priority":
      if (value > 63) return refuse("ERANGE");
      stpOf(port).setPortPriority(port, value);
      return null;
    case "hairpin":
      port.hairpin = value !== 0;
      return null;
    case "learning":
      port.learning = value !== 0;
      return null;
    case "flood":
      port.flood = value !== 0;
      return null;
    case "mcast_flood":
      port.multicastFlood = value !== 0;
      return null;
    case "bcast_flood":
      port.broadcastFlood = value !== 0;
      return null;
    default:
      port.isolated = value !== 0;
      return null;
  }
}
