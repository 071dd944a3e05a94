/**
 * A backend of 2.6.18: Connected as soon as the rings are mapped, whatever the hotplug script does; when a guest that has
 * closed comes again, its vif is taken away and another one made.
 * Follows drivers/net/xen/netback/xenbus.c in linux-2.6.18-xen (Xen 3.1: frontend_changed, connect, connect_rings).
 */
import { Backend } from "./backend.ts";
import { type Vif, vifName } from "./vif.ts";
import { XenbusState } from "./xenbus.ts";

export class ClassicBackend extends Backend {
  protected override keyChanged(_token: string): void {}

  protected override frontendChanged(state: XenbusState): void {
    switch (state) {
      case XenbusState.INITIALISING:
        return this.prepareForReconnect();
      case XenbusState.INITIALISED:
        return;
      case XenbusState.CONNECTED:
        return this.connect();
      case XenbusState.CLOSING:
        return this.publish(XenbusState.CLOSING);
      case XenbusState.CLOSED:
        this.publish(XenbusState.CLOSED);
        if (!this.online) this.unregister();
        return;
      case XenbusState.UNKNOWN:
        return this.unregister();
      default:
        this.fatal(22, `saw state ${state} at frontend`);
    }
  }

  /** A frontend that starts anew without having closed is not heard: its rings stay the old ones. */
  private prepareForReconnect(): void {
    if (this.published !== XenbusState.CLOSED) return;
    const node = this.path.slice(this.path.indexOf("backend/"));
    this.driver.table.log.print(`frontend_changed: ${node}: prepare for reconnect`);
    this.close();
    this.publish(XenbusState.INIT_WAIT);
  }

  /** connect, with rings that may be there already (netif_map). */
  private connect(): void {
    const vif = this.vif ?? this.createVif();
    if (vif === null || (!vif.connected && !this.connectRings(vif))) return;
    const rate = this.readRate("xen_net: Failed to parse network rate limit. Traffic unlimited.");
    vif.transmitQueue!.credit.set(...rate, vif.world.scheduler.now);
    this.publish(XenbusState.CONNECTED);
  }

  /** backend_create_netif */
  private createVif(): Vif | null {
    if (this.driver.table.find(vifName(this.guest, this.handle)) !== null) {
      this.fatal(17, "creating interface");
      return null;
    }
    this.vif = this.driver.makeVif(this.guest, this.handle);
    this.driver.table.register(this.vif);
    this.driver.uevents?.uevent("online", this.vif.name, this.path);
    return this.vif;
  }

  private connectRings(vif: Vif): boolean {
    const [tx = null, rx = null, port = null] = this.readNumbers(["tx-ring-ref", "rx-ring-ref", "event-channel"]);
    if (tx === null || rx === null || port === null)
      return this.fatal(2, `reading ${this.frontend}/ring-ref and event-channel`);
    const connection = this.bindTo(tx, rx, port, port);
    if (connection === null) return this.fatal(22, `mapping shared-frames ${tx}/${rx} port ${port}`);
    vif.connect(connection);
    return true;
  }

  /** netif_disconnect: the vif goes too. */
  protected override close(): void {
    const { vif } = this;
    if (vif === null) return;
    vif.disconnect();
    this.driver.table.unregister(vif);
    this.vif = null;
  }

  protected override farewell(): void {
    this.publish(XenbusState.CLOSED);
  }
}
