/** xl shutdown, xl reboot: main_shutdown_or_reboot and wait_for_domain_deaths of xl_vmcontrol.c, Xen 4.17. */
import type { Domain } from "../../../xen/hypervisor.ts";
import { Rc } from "../../libxl/context.ts";
import { DomainControl } from "../../libxl/domain-control.ts";
import { type DeathWatcher, DomainDeath, shutdownCode } from "../../libxl/domain-death.ts";
import { type Step, ToolstackProgram } from "../../libxl/step.ts";
import type { Program } from "../../process.ts";
import type { Subcommand, XlCall } from "./subcommand.ts";

const options = (event: string, verb: string): string => `-a, --all               Shutdown all guest domains.
-h                      Print this help.
-F                      Fallback to ACPI ${event} event for HVM guests with
                        no PV drivers.
-w, --wait              Wait for guest(s) to ${verb}.`;

export const shutdown: Subcommand = {
  name: "shutdown",
  summary: "Issue a shutdown signal to a domain",
  usage: "[options] <-a|Domain>\n",
  options: options("power", "shutdown"),
  letters: "awF",
  longs: { all: "a", wait: "w" },
  modifies: true,
  run: (call) => run(call, "poweroff"),
};

export const reboot: Subcommand = {
  name: "reboot",
  summary: "Issue a reboot signal to a domain",
  usage: "[options] <-a|Domain>\n",
  options: options("reset", "reboot"),
  letters: "awF",
  longs: { all: "a", wait: "w" },
  modifies: true,
  run: (call) => run(call, "reboot"),
};

function run(call: XlCall, word: "poweroff" | "reboot"): Program | number {
  const operand = call.operands[0];
  if (operand === undefined && !call.has("a")) return call.fail("You must specify -a or a domain id.\n");
  const waits = call.given.filter(({ letter }) => letter === "w").length;
  if (call.has("a")) {
    const guests = call.xen.hypervisor.domains.filter(({ id }) => id > 0).map(({ id }) => id);
    return new Shutdown(call, guests, word, waits);
  }
  const domid = call.domid(operand!);
  if (domid === null) return 1;
  return domid === 0 ? call.notModelled(`${word} of domain 0`) : new Shutdown(call, [domid], word, waits);
}

/** One domain after the other; then it may wait for all of them. */
class Shutdown extends ToolstackProgram implements DeathWatcher {
  private readonly domids: readonly number[];
  private readonly word: "poweroff" | "reboot";
  /** How often -w was given: 1 waits for the shutdown, 2 for the domain's end. */
  private readonly waits: number;
  private at = 0;
  private left: number;
  private readonly deaths = new Map<Domain, DomainDeath>();

  constructor(call: XlCall, domids: readonly number[], word: "poweroff" | "reboot", waits: number) {
    super(call.process, call.xen);
    this.domids = domids;
    this.word = word;
    this.waits = waits;
    this.left = domids.length;
  }

  start(): void {
    const domid = this.domids[this.at];
    if (domid === undefined) return this.asked();
    this.process.error(`${this.word === "reboot" ? "Rebooting" : "Shutting down"} domain ${domid}\n`);
    new DomainControl(this.libxl, this, domid, this.word).start();
  }

  stepDone(_step: Step, rc: Rc): void {
    if (rc !== Rc.OK) {
      this.process.error(`${this.word === "reboot" ? "reboot" : "shutdown"} failed (rc=${rc})\n`);
      return this.process.exit(1);
    }
    const domain = this.libxl.xen.hypervisor.find(this.domids[this.at++]!);
    if (this.waits > 0 && domain !== null) this.deaths.set(domain, new DomainDeath(this.libxl, this, domain));
    this.start();
  }

  domainShutDown(domain: Domain, reason: string): void {
    this.log(`Domain ${domain.id} has been shut down, reason code ${shutdownCode(reason)}`);
    if (this.waits === 1) return this.over(domain);
    this.log(`Domain ${domain.id} continue waiting for death`);
  }

  domainDied(domain: Domain): void {
    this.log(`Domain ${domain.id} has been destroyed`);
    this.over(domain);
  }

  private asked(): void {
    this.left = this.deaths.size;
    if (this.waits > 0) this.log(`Waiting for ${this.left} domains`);
    if (this.left === 0) return this.process.exit(0);
    for (const death of this.deaths.values()) death.enable();
  }

  private over(domain: Domain): void {
    this.deaths.get(domain)!.disable();
    if (--this.left === 0) this.process.exit(0);
  }

  private log(text: string): void {
    this.process.error(`${text}\n`);
  }
}
