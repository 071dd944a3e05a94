/**
 * A frontend of Linux 6.1: from Initialising to Connected directly, on detach straight to Closed (both recorded); closes
 * step by step, waiting for the backend, when its module is unloaded.
 * Follows drivers/net/xen-netfront.c (netback_changed, talk_to_netback, xennet_bus_close).
 */
import { Frontend } from "./frontend.ts";
import { readState, XenbusState } from "./xenbus.ts";

/** What netfront asks for, in the order in which it writes it, after rings and channels. */
const REQUESTS: readonly string[] = [
  "request-rx-copy",
  "feature-rx-notify",
  "feature-sg",
  "feature-gso-tcpv4",
  "feature-gso-tcpv6",
  "feature-ipv6-csum-offload",
];

export class ModernFrontend extends Frontend {
  /** Each step of the way out waits for the backend's. */
  override leaving = false;

  protected override backendChanged(state: XenbusState, own: XenbusState): void {
    if (this.leaving) return this.closeFurther(state, own);
    switch (state) {
      case XenbusState.INIT_WAIT:
        if (own === XenbusState.INITIALISING) this.connect();
        return;
      case XenbusState.CONNECTED:
        this.device?.notify("notify-peers");
        return;
      case XenbusState.CLOSING:
        if (own !== XenbusState.CLOSED && own !== XenbusState.UNKNOWN) this.close();
        return;
      // Closing was over before its watch came; before the first handshake it is the backend's last life.
      case XenbusState.CLOSED:
        if (own === XenbusState.CONNECTED) this.close();
        return;
      default:
        return;
    }
  }

  /** talk_to_netback, then Connected. */
  private connect(): void {
    const device = this.device ?? this.makeDevice();
    const split = this.offered("feature-split-event-channels");
    this.write("xdp-headroom", 0);
    if (this.offered("multi-queue-max-queues")) this.write("multi-queue-num-queues", 1);
    const references = device.connect(this.backendId, split);
    this.write("tx-ring-ref", references.transmitRing);
    this.write("rx-ring-ref", references.receiveRing);
    if (split) {
      this.write("event-channel-tx", references.transmitPort);
      this.write("event-channel-rx", references.receivePort);
    } else this.write("event-channel", references.transmitPort);
    for (const key of REQUESTS) this.write(key, 1);
    device.start();
    this.switchTo(XenbusState.CONNECTED);
  }

  /** xenbus_frontend_closed after xennet_disconnect_backend. */
  private close(): void {
    this.device?.disconnect();
    this.switchTo(XenbusState.CLOSED);
  }

  override vanish(): void {
    this.leaving = false;
    super.vanish();
  }

  /** xennet_bus_close, first step. */
  override leave(): void {
    if (this.state === XenbusState.CLOSED) return this.vanish();
    this.leaving = true;
    this.switchTo(XenbusState.CLOSING);
    this.closeFurther(readState(this.store, this.backend), XenbusState.CLOSING);
  }

  /** The other steps: Closed when the backend is Closing, gone when it is Closed. */
  private closeFurther(state: XenbusState, own: XenbusState): void {
    const isOver = state === XenbusState.CLOSED || state === XenbusState.UNKNOWN;
    if (own === XenbusState.CLOSED) {
      if (isOver) this.vanish();
    } else if (isOver || state === XenbusState.CLOSING) this.switchTo(XenbusState.CLOSED);
  }
}
