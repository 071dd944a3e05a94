/**
 * The hardware's own counters and how `ethtool -S` lists them for an e1000 (drivers/net/ethernet/intel/e1000). Unlike
 * `ip -s link` the hardware counts the four bytes of the frame check sequence.
 */
import { Fate, type FateCode } from "../base/fate.ts";
import { BROADCAST_MAC, isGroup } from "../packet/address.ts";
import * as ethernet from "../packet/ethernet.ts";
import type { Frame } from "../packet/frame.ts";
import type { Counters } from "./device.ts";

const CHECK_SEQUENCE = 4;

export class NicTally {
  rxBroadcast = 0;
  txBroadcast = 0;
  txMulticast = 0;
  crcErrors = 0;
  shortErrors = 0;
  longErrors = 0;
  /** How often a stopped queue went on. */
  restarts = 0;

  received(frame: Frame): void {
    if (ethernet.destination(frame.bytes, frame.at) === BROADCAST_MAC) this.rxBroadcast++;
  }

  sent(frame: Frame): void {
    const destination = ethernet.destination(frame.bytes, frame.at);
    if (destination === BROADCAST_MAC) this.txBroadcast++;
    else if (isGroup(destination)) this.txMulticast++;
  }

  malformed(fate: FateCode): void {
    if (fate === Fate.CABLE_CORRUPT) this.crcErrors++;
    else if (fate === Fate.FRAME_TOO_SHORT) this.shortErrors++;
    else this.longErrors++;
  }
}

/** In the driver's order; what the model has no cause for stays 0. */
export function nicStatistics(
  counters: Counters,
  tally: NicTally,
): readonly (readonly [name: string, value: number])[] {
  const rxBytes = counters.rxBytes + CHECK_SEQUENCE * counters.rxPackets;
  return [
    ["rx_packets", counters.rxPackets],
    ["tx_packets", counters.txPackets],
    ["rx_bytes", rxBytes],
    ["tx_bytes", counters.txBytes + CHECK_SEQUENCE * counters.txPackets],
    ["rx_broadcast", tally.rxBroadcast],
    ["tx_broadcast", tally.txBroadcast],
    ["rx_multicast", counters.rxMulticast],
    ["tx_multicast", tally.txMulticast],
    ["rx_errors", counters.rxErrors],
    ...zero("tx_errors", "tx_dropped"),
    ["multicast", counters.rxMulticast],
    ...zero("collisions"),
    ["rx_length_errors", tally.shortErrors + tally.longErrors],
    ...zero("rx_over_errors"),
    ["rx_crc_errors", tally.crcErrors],
    ...zero("rx_frame_errors", "rx_no_buffer_count"),
    ["rx_missed_errors", counters.rxMissed],
    ...zero("tx_aborted_errors", "tx_carrier_errors", "tx_fifo_errors", "tx_heartbeat_errors", "tx_window_errors"),
    ...zero("tx_abort_late_coll", "tx_deferred_ok", "tx_single_coll_ok", "tx_multi_coll_ok", "tx_timeout_count"),
    ["tx_restart_queue", tally.restarts],
    ["rx_long_length_errors", tally.longErrors],
    ["rx_short_length_errors", tally.shortErrors],
    ...zero("rx_align_errors", "tx_tcp_seg_good", "tx_tcp_seg_failed"),
    ...zero("rx_flow_control_xon", "rx_flow_control_xoff", "tx_flow_control_xon", "tx_flow_control_xoff"),
    ["rx_long_byte_count", rxBytes],
    ...zero("rx_csum_offload_good", "rx_csum_offload_errors", "alloc_rx_buff_failed"),
    ...zero("tx_smbus", "rx_smbus", "dropped_smbus"),
  ];
}

const zero = (...names: string[]): (readonly [string, number])[] => names.map((name) => [name, 0] as const);
