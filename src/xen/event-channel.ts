/**
 * Event channels: one bit of "look again" between two domains. Follows xen/common/event_channel.c (interdomain).
 * A channel end wakes a server; a paused domain's servers wait, so no event is lost. Not modelled: FIFO priorities,
 * masking by the guest, eoi storms.
 */
/** Linux PV guests have bound 1-7 (xenstore, console, timers, ipis) when netfront comes (recorded: 8 and 9). */
const FIRST_FREE_PORT = 8;

/** Whatever an event sets going: a server, or the two of a channel that serves both rings. */
export interface Wakeable {
  wake(): void;
}

/** One channel for both rings, as before split event channels: its event wakes both servers. */
class BothRings implements Wakeable {
  private readonly transmit: Wakeable;
  private readonly receive: Wakeable;

  constructor(transmit: Wakeable, receive: Wakeable) {
    this.transmit = transmit;
    this.receive = receive;
  }

  wake(): void {
    this.transmit.wake();
    this.receive.wake();
  }
}

export class EventChannel {
  readonly port: number;
  peer: EventChannel | null = null;
  /** Who is woken when the peer notifies. */
  handler: Wakeable | null = null;
  /** Notifications sent from this end. */
  sent = 0;

  constructor(port: number) {
    this.port = port;
  }

  /** Adds `server` to whoever an event wakes already. */
  serve(server: Wakeable): void {
    this.handler = this.handler === null ? server : new BothRings(this.handler, server);
  }

  /** EVTCHNOP_send */
  notify(): void {
    this.sent++;
    this.peer?.handler?.wake();
  }
}

/** The ports of one domain. */
export class EventChannels {
  private readonly ports = new Map<number, EventChannel>();
  /** No port below is free. */
  private lowest = FIRST_FREE_PORT;

  /** EVTCHNOP_alloc_unbound: the lowest free port. */
  allocate(): EventChannel {
    while (this.ports.has(this.lowest)) this.lowest++;
    const channel = new EventChannel(this.lowest);
    this.ports.set(channel.port, channel);
    return channel;
  }

  /** EVTCHNOP_bind_interdomain: a new end here, joined to `remote`. Null when the remote port is not free to bind. */
  bind(remote: EventChannel | null): EventChannel | null {
    if (remote === null || remote.peer !== null) return null;
    const channel = this.allocate();
    channel.peer = remote;
    remote.peer = channel;
    return channel;
  }

  find(port: number): EventChannel | null {
    return this.ports.get(port) ?? null;
  }

  /** EVTCHNOP_close: the other end stays, unbound. */
  close(channel: EventChannel): void {
    if (channel.peer !== null) channel.peer.peer = null;
    channel.peer = null;
    channel.handler = null;
    this.ports.delete(channel.port);
    this.lowest = Math.min(this.lowest, channel.port);
  }
}
