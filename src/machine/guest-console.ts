/**
 * xenconsole, which `xl console` and `xm console` become: a shell on the guest's machine, joined to this process's streams
 * through a pipe, so that control-] can leave it. The shell stands for the getty that would be there; it ends when the
 * console is left. Not modelled: what was printed before.
 */
import type { StoreWatcher } from "../xen/xenstore.ts";
import type { Guest } from "./guest.ts";
import { domainPath } from "./libxl/domain-nodes.ts";
import { type Process, Program, type SignalName } from "./process.ts";
import { Pipe } from "./stream.ts";
import type { XenHost } from "./xen-host.ts";

/** Control-] */
const ESCAPE = "\x1d";

export class GuestConsole extends Program implements StoreWatcher {
  private readonly xen: XenHost;
  private readonly guest: Guest;
  private readonly keyboard = new Pipe();
  private shell: Process | null = null;

  constructor(xen: XenHost, guest: Guest) {
    super();
    this.xen = xen;
    this.guest = guest;
  }

  start(): void {
    const { process } = this;
    this.keyboard.retain(process);
    this.shell = this.guest.machine.spawn(["bash", "-i"], {
      parent: process,
      stdin: this.keyboard,
      stdout: process.stdout,
      stderr: process.stdout,
      cwd: "/root",
    });
    this.xen.store.watch(`${domainPath(this.guest.domain.id)}/console`, "console", this);
    this.inputReady();
  }

  override inputReady(): void {
    const typed = this.process.stdin.read();
    if (typed === null) return this.keyboard.release(this.process);
    const at = typed.indexOf(ESCAPE);
    this.keyboard.type(at < 0 ? typed : typed.slice(0, at));
    if (at >= 0) this.process.exit(0);
  }

  override childExited(_child: Process): void {
    this.process.exit(0);
  }

  /** Keys go to the guest, control-C with them. */
  override signal(name: SignalName): void {
    if (name === "INT") this.shell?.signal(name);
    else super.signal(name);
  }

  /** The domain is going away, and its console with it. */
  storeChanged(_path: string, _token: string): void {
    if (!this.xen.store.exists(`${domainPath(this.guest.domain.id)}/console`)) this.process.exit(0);
  }

  override ended(): void {
    this.xen.store.unwatch(this);
    this.keyboard.release(this.process);
    if (this.shell?.hasEnded === false) this.shell.signal("HUP");
  }
}
