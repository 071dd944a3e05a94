/**
 * What netfront's two rings have in common: a shared page, the grants for it and for 256 buffers, an event channel and
 * the server it wakes. Follows setup_netfront_split and xennet_disconnect_backend of drivers/net/xen-netfront.c.
 */
import type { NetDevice } from "../device/device.ts";
import { type Costs, Server, type Worker } from "../engine/cpu.ts";
import type { EventChannel } from "./event-channel.ts";
import type { Domain } from "./hypervisor.ts";
import { FrontRing, RING_SIZE, type SharedRing } from "./ring.ts";

/** The device as its rings see it. */
export interface NetfrontDevice extends NetDevice {
  /** Set after an impossible answer: "Disabled for further use". */
  readonly broken: boolean;
  /** An impossible answer from the backend: no further use of the device. Its carrier stays, as on Linux. */
  breakDown(message: string): void;
}

/** What a ring is made of. The references were reserved in the order in which Linux takes them. */
export interface RingParts {
  readonly device: NetfrontDevice;
  readonly domain: Domain;
  /** The domain that may use our pages. */
  readonly backend: number;
  readonly page: SharedRing;
  /** First of RING_SIZE grant references for buffers. */
  readonly references: number;
  readonly ringReference: number;
  readonly channel: EventChannel;
}

export abstract class NetfrontRing implements Worker {
  protected readonly device: NetfrontDevice;
  protected readonly domain: Domain;
  protected readonly backend: number;
  readonly ring: FrontRing;
  readonly channel: EventChannel;
  protected readonly server: Server;
  protected readonly references: number;
  private readonly ringReference: number;
  /** The server may still be on its way when the ring is gone and its references have new owners. */
  protected closed = false;

  constructor(parts: RingParts, suffix: "tx" | "rx", costs: Costs) {
    const { device, domain, channel } = parts;
    this.device = device;
    this.domain = domain;
    this.backend = parts.backend;
    this.ring = new FrontRing(parts.page);
    this.references = parts.references;
    this.ringReference = parts.ringReference;
    this.channel = channel;
    this.server = new Server(`${channel.port}-${suffix}`, device.world.scheduler, domain.cpus[0]!, this, costs);
    channel.serve(this.server);
  }

  abstract work(server: Server, budget: number): boolean;

  /** Ends every buffer that is still out. */
  protected abstract takeBack(): void;

  close(): void {
    this.closed = true;
    this.channel.handler = null;
    this.takeBack();
    this.domain.grants.end(this.ringReference);
    this.domain.grants.unreserve(this.references, RING_SIZE);
    this.domain.grants.unreserve(this.ringReference, 1);
    this.domain.events.close(this.channel);
  }
}
