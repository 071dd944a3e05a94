/**
 * The process `xl create` leaves behind: waits for its domain to stop or to be gone, and destroys or restarts it as the
 * configuration says. Prints into /var/log/xen/xl-NAME.log. Follows create_domain and handle_domain_death of
 * xl_vmcontrol.c, Xen 4.17. Not modelled: rename-restart, soft-reset, core dumps.
 */
import { seconds } from "../../../engine/time.ts";
import type { Timer } from "../../../engine/timer.ts";
import type { Domain } from "../../../xen/hypervisor.ts";
import { detached } from "../../detached.ts";
import type { FileTree } from "../../files.ts";
import { Libxl, Rc } from "../../libxl/context.ts";
import type { DomainConfig, ShutdownAction } from "../../libxl/domain-config.ts";
import { DomainCreate } from "../../libxl/domain-create.ts";
import { type DeathWatcher, DomainDeath, shutdownCode } from "../../libxl/domain-death.ts";
import { DomainDestroy } from "../../libxl/domain-destroy.ts";
import type { Step, StepOwner } from "../../libxl/step.ts";
import { loadConfiguration, vifsIn } from "../../libxl/userdata.ts";
import { type Process, Program } from "../../process.ts";
import type { XenHost } from "../../xen-host.ts";

/** xl itself says of this wait that it does not know why re-creation sometimes fails without. */
const REBOOT_PAUSE = seconds(2);
/** libxl_create_logfile keeps that many older ones. */
const OLD_LOGS = 10;

/** do_daemonize: the log is a new one, older ones have numbers. */
export function startMonitor(process: Process, xen: XenHost, domain: Domain, config: DomainConfig): void {
  const { machine } = process;
  const log = `/var/log/xen/xl-${config.name}.log`;
  rotate(machine.files, log);
  const { stdin, stdout, stderr } = detached(machine, log);
  machine.spawn(process.argv, { stdin, stdout, stderr, program: new Monitor(xen, domain, config) });
}

function rotate(files: FileTree, log: string): void {
  if (!files.exists(log)) return;
  for (let number = OLD_LOGS - 1; number > 0; number--) files.rename(`${log}.${number}`, `${log}.${number + 1}`);
  files.rename(log, `${log}.1`);
}

class Monitor extends Program implements StepOwner, DeathWatcher {
  private readonly xen: XenHost;
  private readonly config: DomainConfig;
  private domain: Domain;
  private libxl!: Libxl;
  private timer!: Timer;
  private death: DomainDeath | null = null;
  private creation: DomainCreate | null = null;
  /** What shall be made next; null: nothing. */
  private next: DomainConfig | null = null;

  constructor(xen: XenHost, domain: Domain, config: DomainConfig) {
    super();
    this.xen = xen;
    this.domain = domain;
    this.config = config;
  }

  start(): void {
    this.libxl = new Libxl(this.process, this.xen);
    this.timer = this.process.timer(this, 0);
    this.watchDomain();
  }

  override childExited(child: Process): void {
    this.libxl.childExited(child);
  }

  override ended(): void {
    this.libxl?.ended();
  }

  domainDied(domain: Domain): void {
    this.log(`Domain ${domain.id} has been destroyed.`);
    this.process.exit(0);
  }

  /** handle_domain_death */
  domainShutDown(domain: Domain, reason: string): void {
    const code = shutdownCode(reason);
    const action = this.actionFor(reason);
    this.log(`Domain ${domain.id} has shut down, reason code ${code} 0x${code.toString(16)}`);
    this.log(`Action for shutdown reason code ${code} is ${action}`);
    this.death!.disable();
    if (action === "preserve") return this.done();
    if (action !== "destroy" && action !== "restart") return this.refuse(action);
    this.next = action === "restart" ? this.reloaded() : null;
    this.log(`Domain ${domain.id} needs to be cleaned up: destroying the domain`);
    new DomainDestroy(this.libxl, this, domain.id).start();
  }

  stepDone(step: Step, rc: Rc): void {
    if (step === this.creation) return this.created(rc);
    if (this.next === null) return this.done();
    this.log("Done. Rebooting now");
    this.timer.armAfter(REBOOT_PAUSE);
  }

  override handle(): void {
    this.creation = new DomainCreate(this.libxl, this, this.next!);
    this.creation.start();
  }

  private created(rc: Rc): void {
    const domain = rc === Rc.OK ? this.xen.hypervisor.find(this.creation!.domid!) : null;
    this.creation = null;
    if (domain === null) return this.process.exit(-Rc.FAIL);
    this.domain = domain;
    this.xen.unpause(domain);
    this.watchDomain();
  }

  private watchDomain(): void {
    const { name, id } = this.domain;
    this.log(`Waiting for domain ${name} (domid ${id}) to die [pid ${this.process.pid}]`);
    this.death = new DomainDeath(this.libxl, this, this.domain);
    this.death.enable();
  }

  /** reload_domain_config: with the devices it has by now. */
  private reloaded(): DomainConfig {
    const json = loadConfiguration(this.process.machine, this.domain.id, this.domain.uuid);
    return json === null ? this.config : { ...this.config, vifs: vifsIn(json) };
  }

  private actionFor(reason: string): ShutdownAction {
    const { onPoweroff, onReboot, onCrash, onWatchdog } = this.config;
    const actions: Readonly<Record<string, ShutdownAction>> = {
      poweroff: onPoweroff,
      reboot: onReboot,
      crash: onCrash,
      watchdog: onWatchdog,
    };
    return actions[reason] ?? "destroy";
  }

  private refuse(action: ShutdownAction): void {
    this.log(`xl: ${action} is not modelled`);
    this.process.exit(1);
  }

  private done(): void {
    this.log("Done. Exiting now");
    this.process.exit(0);
  }

  private log(text: string): void {
    this.process.error(`${text}\n`);
  }
}
