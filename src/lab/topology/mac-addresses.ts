/**
 * MAC addresses for everything that has none: a function of seed, machine and device, so that a new machine in the
 * file does not change the addresses of the others.
 */
import { Random } from "../../engine/random.ts";
import type { Mac } from "../../packet/address.ts";

/** Xen's own prefix: what libxl gives to a guest (libxl_nic.c). */
export const GUEST_PREFIX = 0x00_16_3e;
/** A maker of server boards: the cards of Xen hosts. */
export const HOST_PREFIX = 0x00_1e_c9;
/** What QEMU gives to its machines: everything outside. */
export const OUTSIDE_PREFIX = 0x52_54_00;

export class MacAddresses {
  private readonly seed: number;
  private readonly used = new Set<number>();

  constructor(seed: number) {
    this.seed = seed;
  }

  /** An address that the file gives: never generated for anything else. */
  reserve(mac: Mac): void {
    this.used.add(mac);
  }

  /** libxl keeps the top bit of the fourth byte clear; so do we for everybody. */
  generate(prefix: number, machine: string, device: string): Mac {
    const random = new Random(this.seed, `mac ${machine} ${device}`);
    for (;;) {
      const mac = (prefix * 0x100_0000 + (random.next32() & 0x7f_ffff)) as Mac;
      if (this.used.has(mac)) continue;
      this.used.add(mac);
      return mac;
    }
  }
}
