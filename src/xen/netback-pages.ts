/**
 * The guest's pages that the slots of one frame name: may netback read them, and the frame that lies in them.
 * Follows xenvif_get_requests and xenvif_tx_check_gop of drivers/net/xen-netback/netback.c.
 */
import type { FateCode } from "../base/fate.ts";
import { clearNotes, type Frame } from "../packet/frame.ts";
import { copyInto } from "../packet/frame-pool.ts";
import { GrantStatus } from "./grant-table.ts";
import type { Domain } from "./hypervisor.ts";
import type { NetbackDevice } from "./netback-device.ts";
import type { FrameRequests } from "./netback-requests.ts";
import { PAGE_SIZE } from "./netif.ts";

export class RequestedPages {
  private readonly vif: NetbackDevice;
  private readonly domain: Domain;
  private readonly requests: FrameRequests;

  constructor(vif: NetbackDevice, domain: Domain, requests: FrameRequests) {
    this.vif = vif;
    this.domain = domain;
    this.requests = requests;
  }

  mayRead(slot: number): boolean {
    const { references, offsets, sizes } = this.requests;
    const { grants } = this.domain;
    const status = grants.check(references[slot]!, this.vif.domain.id, offsets[slot]!, sizes[slot]!, false);
    return status === GrantStatus.OKAY;
  }

  allGranted(): boolean {
    for (let slot = 0; slot < this.requests.slots; slot++) if (!this.mayRead(slot)) return false;
    return true;
  }

  /** The frame as the host has it from now on; of what was copied the guest keeps the husk until the answer. */
  copyIn(): Frame {
    const { frames } = this.vif.world;
    const source = this.guestFrame();
    // A page that is sent twice, or holds no frame of the transmit ring, makes a frame of its own.
    if (source === null) return this.gather(frames.create(this.requests.total));
    if (this.coversExactly(source) && this.domain.grants.take(this.requests.references[0]!)) {
      clearNotes(source);
      return source;
    }
    const frame = frames.blank(this.requests.total);
    frames.succeed(source, frame);
    if (!this.coversExactly(source)) return this.gather(frame);
    copyInto(source, frame);
    return frame;
  }

  /** The living frame that the first slot lies in, or null. */
  private guestFrame(): Frame | null {
    const reference = this.requests.references[0]!;
    const frame = this.domain.grants.sentFrame(reference);
    return frame?.alive ? frame : null;
  }

  /** One slot that is the whole frame, as netfront makes it: copied at once. */
  private coversExactly(source: Frame): boolean {
    const { slots, offsets, total, references } = this.requests;
    const at = this.domain.grants.pageOf(references[0]!) * PAGE_SIZE + offsets[0]!;
    return slots === 1 && source.at === at && source.length === total;
  }

  private gather(frame: Frame): Frame {
    const { references, offsets, sizes, slots } = this.requests;
    let to = frame.at;
    for (let slot = 0; slot < slots; slot++) {
      this.domain.grants.copyOut(references[slot]!, offsets[slot]!, sizes[slot]!, frame, to);
      to += sizes[slot]!;
    }
    return frame;
  }

  /** Nothing of it comes in: what the guest had sent ends here. */
  end(fate: FateCode): void {
    const source = this.guestFrame();
    if (source === null) return;
    const { frames } = this.vif.world;
    const ended = frames.blank(source.length);
    frames.succeed(source, ended);
    copyInto(source, ended);
    this.vif.drop(ended, fate);
  }
}
