/**
 * xen-netback's debugfs: /sys/kernel/debug/xen-netback/vifX.Y/io_ring_q0, one directory for every connected vif.
 * Follows xenvif_read_io_ring and xenvif_write_io_ring of drivers/net/xen-netback/xenbus.c, Linux 6.1. The indices of
 * pending requests and of the dealloc thread are derived from the rings. Not modelled: the control ring's file.
 */

import type { NetDevice } from "../device/device.ts";
import type { DeviceTable } from "../device/device-table.ts";
import { UNLIMITED } from "../xen/credit.ts";
import { FIFO_LIMIT, type ReceiveQueue } from "../xen/netback-receive.ts";
import type { TransmitQueue } from "../xen/netback-transmit.ts";
import { type BackRing, RING_SIZE } from "../xen/ring.ts";
import { ModernVif } from "../xen/vif-modern.ts";
import { EINVAL, ENOENT, type Errno } from "./errno.ts";
import { LiveDirectory, LiveFile, type Node } from "./files.ts";

/** CONFIG_HZ of Debian. */
const HERTZ = 250;
/** include/linux/jiffies.h: five minutes before 2^32. */
const INITIAL_JIFFIES = 2 ** 32 - 300 * HERTZ;
/** ~0UL: no limit. */
const ALL_ONES = "18446744073709551615";
/** NAPIF_STATE_LISTED, and NAPIF_STATE_SCHED while it is polling. */
const NAPI_LISTED = 0x10;
const NAPI_SCHEDULED = 0x01;
const NAPI_WEIGHT = 64;

export class NetbackDebug extends LiveDirectory {
  private readonly table: DeviceTable;

  constructor(table: DeviceTable) {
    super();
    this.table = table;
  }

  list(): readonly string[] {
    return this.table.devices
      .filter(isConnected)
      .map((device) => device.name)
      .sort();
  }

  find(name: string): Node | null {
    const device = this.table.find(name);
    return device !== null && isConnected(device) ? new VifDirectory(device) : null;
  }
}

const isConnected = (device: NetDevice): device is ModernVif => device instanceof ModernVif && device.connected;

class VifDirectory extends LiveDirectory {
  private readonly vif: ModernVif;

  constructor(vif: ModernVif) {
    super();
    this.vif = vif;
  }

  list(): readonly string[] {
    return ["io_ring_q0"];
  }

  find(name: string): Node | null {
    return name === "io_ring_q0" ? new IoRingFile(this.vif) : null;
  }
}

class IoRingFile extends LiveFile {
  private readonly vif: ModernVif;

  constructor(vif: ModernVif) {
    super();
    this.vif = vif;
  }

  override get writable(): boolean {
    return true;
  }

  read(): string | Errno {
    const { transmitQueue, receiveQueue } = this.vif;
    if (transmitQueue === null || receiveQueue === null) return ENOENT;
    return transmitText(transmitQueue) + receiveText(receiveQueue) + stateText(this.vif, transmitQueue, receiveQueue);
  }

  /** "kick" runs the interrupt handler. */
  override write(text: string): Errno | null {
    if (!text.startsWith("kick")) return EINVAL;
    this.vif.transmitQueue?.open();
    return null;
  }
}

function transmitText(queue: TransmitQueue): string {
  const { ring } = queue;
  const waiting = queue.awaitingAnswer;
  return (
    `Queue 0\nTX: nr_ents ${RING_SIZE}\n${ringText(ring)}` +
    `pending prod ${unsigned(ring.responseProducer + RING_SIZE)} pending cons ${unsigned(ring.requestConsumer)} ` +
    `nr_pending_reqs ${unsigned(ring.requestConsumer - ring.responseProducer)}\n` +
    `dealloc prod ${queue.zeroCopyDone} dealloc cons ${queue.zeroCopyDone - waiting} dealloc_queue ${waiting}\n\n`
  );
}

const receiveText = (queue: ReceiveQueue): string => `RX: nr_ents ${RING_SIZE}\n${ringText(queue.ring)}\n`;

/** Two lines; what stands in parentheses is the distance from rsp_prod. */
function ringText(ring: BackRing): string {
  const { page } = ring;
  const base = page.responseProducer;
  const from = (index: number): string => `${unsigned(index)} (${(index - base) | 0})`;
  return (
    `req prod ${from(page.requestProducer)} cons ${from(ring.requestConsumer)} event ${from(page.requestEvent)}\n` +
    `rsp prod ${base} (base) pvt ${from(ring.responseProducer)} event ${from(page.responseEvent)}\n`
  );
}

function stateText(vif: ModernVif, transmit: TransmitQueue, receive: ReceiveQueue): string {
  const { credit } = transmit;
  const napi = NAPI_LISTED | (transmit.polling ? NAPI_SCHEDULED : 0);
  const due = transmit.creditDue;
  return (
    `NAPI state: ${napi.toString(16)} NAPI weight: ${NAPI_WEIGHT} TX queue len 0\n` +
    `Credit timer_pending: ${due === null ? 0 : 1}, credit: ${bytes(credit.bytes)}, usec: ${credit.micros}\n` +
    `remaining: ${bytes(credit.left)}, expires: ${due === null ? 0 : jiffies(due)}, ` +
    `now: ${jiffies(vif.world.scheduler.now)}\n` +
    `\nRx internal queue: len ${receive.fifoBytes} max ${FIFO_LIMIT} pkts ${receive.fifoLength} ` +
    `${vif.stopped ? "stopped" : "running"}\n`
  );
}

const unsigned = (index: number): number => index >>> 0;
const bytes = (count: number): string => (count === UNLIMITED ? ALL_ONES : String(count));
const jiffies = (time: number): number => INITIAL_JIFFIES + Math.floor((time * HERTZ) / 1e9);
