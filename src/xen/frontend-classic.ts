/**
 * A frontend of 2.6.18: its device is there from the probe on; it greets the switches by itself as soon as it is Connected,
 * whatever the backend says; when the backend closes it says Closed and lets the rings be.
 * Follows drivers/xen/netfront/netfront.c in linux-2.6.18-xen (Xen 3.1: netfront_probe, backend_changed, talk_to_backend).
 * The driver is taken to be loaded with rx_copy=1: page flipping is not modelled.
 */
import { Frontend } from "./frontend.ts";
import { XenbusState } from "./xenbus.ts";

const REQUESTS: readonly string[] = ["request-rx-copy", "feature-rx-notify", "feature-sg", "feature-gso-tcpv4"];

export class ClassicFrontend extends Frontend {
  override begin(): void {
    this.makeDevice();
    super.begin();
  }

  protected override backendChanged(state: XenbusState, own: XenbusState): void {
    if (state === XenbusState.INIT_WAIT && own === XenbusState.INITIALISING) this.connect();
    else if (state === XenbusState.CLOSING && own !== XenbusState.CLOSED && own !== XenbusState.UNKNOWN)
      this.switchTo(XenbusState.CLOSED);
  }

  private connect(): void {
    const device = this.device ?? this.makeDevice();
    // Rings of an earlier backend are still there when it had closed.
    device.disconnect();
    const references = device.connect(this.backendId);
    this.write("tx-ring-ref", references.transmitRing);
    this.write("rx-ring-ref", references.receiveRing);
    this.write("event-channel", references.transmitPort);
    for (const key of REQUESTS) this.write(key, 1);
    this.device!.table.log.print(`netfront: device ${device.name} has copying receive path.`);
    device.start();
    this.switchTo(XenbusState.CONNECTED);
    device.notify("fake-arp");
  }

  /** netfront_remove and xenbus_dev_remove: no step waits for the backend. */
  override leave(): void {
    this.vanish();
    this.switchTo(XenbusState.CLOSED);
  }
}
