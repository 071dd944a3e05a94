/**
 * The multicast groups a guest wants to hear: feature-multicast-control. A guest that writes request-multicast-control
 * gets only groups it has named by extra infos on its transmit ring (Windows drivers do; Linux netfront never asks).
 * Follows xenvif_mcast_add, _del and _match of drivers/net/xen-netback, Linux 6.1. Not modelled: frames of domain 0's
 * own stack, which pass unfiltered there.
 */
import { get48 } from "../base/bytes.ts";
import { BROADCAST_MAC } from "../packet/address.ts";
import type { Frame } from "../packet/frame.ts";
import { ETHERNET_HEADER } from "./netif.ts";

/** XEN_NETBK_MCAST_MAX */
export const MAX_GROUPS = 64;

export class MulticastFilter {
  /** The guest's request-multicast-control. */
  wanted = false;
  private readonly groups = new Float64Array(MAX_GROUPS);
  count = 0;

  /** False when the list is full. A group named twice stands in it twice, as in Linux. */
  add(group: number): boolean {
    if (this.count === MAX_GROUPS) return false;
    this.groups[this.count++] = group;
    return true;
  }

  remove(group: number): void {
    const at = this.groups.subarray(0, this.count).lastIndexOf(group);
    if (at < 0) return;
    this.groups.copyWithin(at, at + 1, this.count);
    this.count--;
  }

  clear(): void {
    this.wanted = false;
    this.count = 0;
  }

  passes(frame: Frame): boolean {
    if (!this.wanted || frame.length < ETHERNET_HEADER) return true;
    const { bytes, at } = frame;
    const destination = get48(bytes, at);
    if ((bytes[at]! & 1) === 0 || destination === BROADCAST_MAC) return true;
    for (let i = 0; i < this.count; i++) if (this.groups[i] === destination) return true;
    return false;
  }
}
