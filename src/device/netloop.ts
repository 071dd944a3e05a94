/**
 * netloop: the pairs of devices that domain 0 of Xen 3 is born with, vethN for its own stack and vif0.N for the bridge.
 * What is transmitted on one is received on the other. Follows drivers/xen/netback/loopback.c of linux-2.6.18-xen.
 *
 * There is no carrier logic at all: the link is up whatever happens on the wire, so a pulled cable is seen on pethN only.
 * vif0.N is born with fe:ff:ff:ff:ff:ff, vethN with no address: the script copies eth0's onto it.
 * Not modelled: GSO frames, the copy of a frame's pages when it is kept for long.
 */
import { Fate } from "../base/fate.ts";
import { XEN_DUMMY_MAC, ZERO_MAC } from "../packet/address.ts";
import type { Frame } from "../packet/frame.ts";
import { Backlog } from "./backlog.ts";
import { type DeviceTraits, ETHERNET_TRAITS, NetDevice } from "./device.ts";
import type { DeviceTable } from "./device-table.ts";

/** loopback_change_mtu takes what it is given; the frame buffers set the bound here. */
const NETLOOP_TRAITS: DeviceTraits = { ...ETHERNET_TRAITS, minMtu: 0, queued: false, driver: "netloop" };

export class Netloop extends NetDevice {
  readonly kind = "";
  /** Null until the pair is made. */
  peer: Netloop | null = null;
  private readonly backlog: Backlog;

  /** Which of the pair: vif0.N for the bridge, vethN for the stack. */
  constructor(table: DeviceTable, number: number, backend: boolean) {
    const name = backend ? `vif0.${number}` : `veth${number}`;
    super(table, name, backend ? XEN_DUMMY_MAC : ZERO_MAC, { ...NETLOOP_TRAITS, busInfo: `vif-0-${number}` });
    this.txChecksum = true;
    this.backlog = new Backlog(this);
  }

  /** loopback_start_xmit: counted on both sides, then netif_rx on the other. */
  protected override startTransmit(frame: Frame): void {
    const peer = this.peer;
    const length = frame.length;
    if (peer === null || !peer.backlog.enqueue(frame)) {
      this.counters.txDropped++;
      return this.drop(frame, Fate.BACKLOG_FULL);
    }
    this.counters.txPackets++;
    this.counters.txBytes += length;
    peer.counters.rxPackets++;
    peer.counters.rxBytes += length;
  }
}

/** make_loopback: vif0.N first, as the module registers them. */
export function addNetloopPair(table: DeviceTable, number: number): void {
  const backend = new Netloop(table, number, true);
  const frontend = new Netloop(table, number, false);
  backend.peer = frontend;
  frontend.peer = backend;
  table.register(backend);
  table.register(frontend);
}
