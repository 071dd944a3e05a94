/** xm shutdown, xm reboot: shutdown.py. The guest is asked through xenstore; xend sees to what comes then. */
import type { EventTarget } from "../../../engine/scheduler.ts";
import { seconds } from "../../../engine/time.ts";
import type { Timer } from "../../../engine/timer.ts";
import type { Domain } from "../../../xen/hypervisor.ts";
import { getopt } from "../../getopt.ts";
import { Program } from "../../process.ts";
import { pythonSentence } from "./list.ts";
import type { Subcommand, XmCall } from "./subcommand.ts";

const OPTIONS = "awHR";
const LONGS = { all: "a", wait: "w", halt: "H", reboot: "R" };

export const shutdown: Subcommand = {
  name: "shutdown",
  usage: "<Domain> [-waRH]",
  summary: "Shutdown a domain.",
  arguments: () => [1, 4],
  run: (call) => run(call, call.args),
};

export const reboot: Subcommand = {
  name: "reboot",
  usage: "<Domain> [-wa]",
  summary: "Reboot a domain.",
  arguments: () => [1, 3],
  run: (call) => run(call, ["-R", ...call.args]),
};

/** RECREATING_TIMEOUT, seconds. */
const RECREATING = 30;

function run(call: XmCall, args: readonly string[]): Program | number {
  const { given, operands, unknown } = getopt(args, OPTIONS, LONGS);
  if (unknown.length > 0) return call.misuse(pythonSentence(unknown[0]!.letter, args));
  const has = (letter: string): boolean => given.some((each) => each.letter === letter);
  if (has("H") && has("R")) return call.fail("Can't specify halt and reboot");
  const mode = has("H") ? "halt" : has("R") ? "reboot" : "poweroff";
  const chosen = has("a") ? call.xen.hypervisor.domains.filter(({ id }) => id > 0) : one(call, operands);
  if (typeof chosen === "number") return chosen;
  for (const domain of chosen) {
    const error = ask(call, domain, mode);
    if (error !== null) return call.fault(error);
  }
  return has("w") ? new Wait(call, chosen, mode === "reboot") : 0;
}

function one(call: XmCall, words: readonly string[]): readonly Domain[] | number {
  const [word, more] = words;
  if (word === undefined) return call.fail("No domain parameter given");
  if (more !== undefined) return call.fail("No multiple domain parameters allowed");
  const domain = call.domain(word);
  return domain === null ? call.noDomain(word) : [domain];
}

/** XendDomainInfo.shutdown: null, or xend's sentence. */
function ask(call: XmCall, domain: Domain, mode: string): string | null {
  if (domain.shutdown !== null) return "Domain cannot be shutdown";
  if (domain.id === 0) return "Domain 0 cannot be shutdown";
  const { path, vm } = call.xend.domains.of(domain);
  call.xen.store.remove(`${vm}/xend/previous_restart_time`);
  call.xen.store.write(`${path}/control/shutdown`, mode);
  return null;
}

/** Looks every second which of them are gone, or back. */
class Wait extends Program implements EventTarget {
  private readonly call: XmCall;
  private left: readonly Domain[];
  private readonly forReboot: boolean;
  private rounds = 0;
  private readonly timer: Timer;

  constructor(call: XmCall, domains: readonly Domain[], forReboot: boolean) {
    super();
    this.call = call;
    this.left = domains;
    this.forReboot = forReboot;
    this.timer = call.process.timer(this, 0);
  }

  start(): void {
    this.left = this.left.filter((domain) => !this.isOver(domain));
    if (this.left.length > 0) return this.timer.armAfter(seconds(1));
    this.process.print(`All domains ${this.forReboot ? "rebooted" : "terminated"}\n`);
    this.process.exit(0);
  }

  override handle(): void {
    this.rounds++;
    this.start();
  }

  private isOver(domain: Domain): boolean {
    const now = this.call.xen.hypervisor.byName(domain.name);
    if (now === domain) return false;
    if (!this.forReboot) return this.say(`Domain ${domain.name} terminated`);
    if (now !== null) return this.say(`Domain ${domain.name} rebooted`);
    return this.rounds > RECREATING && this.say(`Domain ${domain.name} destroyed for failing to reboot`);
  }

  private say(sentence: string): true {
    this.process.print(`${sentence}\n`);
    return true;
  }
}
