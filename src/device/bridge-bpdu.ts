/** BPDUs as frames: net/bridge/br_stp_bpdu.c of Linux 6.1. */
import type { Nanos } from "../engine/time.ts";
import { LINK_LOCAL_GROUPS, type Mac } from "../packet/address.ts";
import * as bpdu from "../packet/bpdu.ts";
import * as ethernet from "../packet/ethernet.ts";
import type { Frame } from "../packet/frame.ts";
import type { NetDevice } from "./device.ts";

/** 256 Hz. */
const NANOS_PER_TICK = 3_906_250;
export const ticks = (time: number): number => Math.floor(time / NANOS_PER_TICK);
export const nanos = (count: number): Nanos => (count * NANOS_PER_TICK) as Nanos;

export function sendConfig(device: NetDevice, config: bpdu.Config): void {
  const bytes = new Uint8Array(ethernet.HEADER_LENGTH + bpdu.LLC_LENGTH + bpdu.CONFIG_LENGTH);
  bpdu.emitConfig(bytes, ethernet.HEADER_LENGTH, config);
  send(device, bytes);
}

export function sendTopologyChange(device: NetDevice): void {
  const bytes = new Uint8Array(ethernet.HEADER_LENGTH + bpdu.LLC_LENGTH + bpdu.TOPOLOGY_CHANGE_LENGTH);
  bpdu.emitTopologyChange(bytes, ethernet.HEADER_LENGTH);
  send(device, bytes);
}

/** Rare frames: hello time apart. */
function send(device: NetDevice, bytes: Uint8Array): void {
  const etherType = bytes.length - ethernet.HEADER_LENGTH;
  ethernet.emit(bytes, 0, { destination: LINK_LOCAL_GROUPS as Mac, source: device.mac, etherType });
  device.transmit(device.world.frames.from(bytes));
}

/** Where the BPDU behind the LLC header begins; -1 when the frame holds none. */
export function bpduIn(frame: Frame): number {
  const { bytes, at } = frame;
  const from = at + ethernet.HEADER_LENGTH;
  const isLength = ethernet.isLength(ethernet.etherType(bytes, at));
  return isLength && bpdu.check(bytes, from, at + frame.length) ? from + bpdu.LLC_LENGTH : -1;
}
