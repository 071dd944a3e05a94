/** xm network-attach, xm network-detach: main.py, device_create and destroyDevice of XendDomainInfo.py. */
import type { Program } from "../../process.ts";
import type { ManagedDomain } from "../../xend/managed-domain.ts";
import type { VifSettings } from "../../xend/settings.ts";
import type { Task } from "../../xend/task.ts";
import { AttachVif, DetachVif } from "../../xend/vif-tasks.ts";
import { isOtherDomain } from "./domain-file.ts";
import { type Subcommand, type XmCall, XmProgram } from "./subcommand.ts";

export const networkAttach: Subcommand = {
  name: "network-attach",
  usage:
    "<Domain> [type=<type>] [mac=<mac>] [bridge=<bridge>] [ip=<ip>] [script=<script>] [backend=<BackDomain>] " +
    "[vifname=<name>] [rate=<rate>] [model=<model>]",
  summary: "Create a new virtual network device.",
  arguments: ({ attachMost }) => [1, attachMost],
  run: attach,
};

export const networkDetach: Subcommand = {
  name: "network-detach",
  usage: "<Domain> <DevId> [-f|--force]",
  summary: "Destroy a domain's virtual network device.",
  arguments: ({ detachForces }) => [2, detachForces ? 3 : 2],
  run: detach,
};

const MAC = /^([0-9a-f]{2}:){5}[0-9a-f]{2}$/i;

function attach(call: XmCall): Program | number {
  const [word, ...pairs] = call.args;
  const { attachWords, knowsMacs } = call.format;
  const settings = new Map<string, string>();
  for (const pair of pairs) {
    const [key, value, more] = pair.split("=");
    const isPair = value !== undefined && value !== "" && more === undefined;
    if (attachWords !== null && !(isPair && attachWords.includes(key!)))
      return call.misuse(`Invalid argument: ${pair}`);
    if (value !== undefined) settings.set(key!, value);
  }
  const domain = call.domain(word!);
  if (domain === null) return call.noDomain(word!);
  if (domain === call.xen.dom0) return call.notModelled("a vif of domain 0");
  const backend = settings.get("backend");
  if (isOtherDomain(backend)) return call.notModelled(`a driver domain (backend=${backend})`);
  const mac = settings.get("mac");
  if (knowsMacs && mac !== undefined && !MAC.test(mac)) {
    return call.fault("Cannot create a new virtual network interface - MAC address is not valid!");
  }
  return new Attach(call, call.xend.domains.of(domain), settings);
}

function detach(call: XmCall): Program | number {
  const [word, device, option] = call.args;
  const force = option === "-f" || option === "--force";
  if (option !== undefined && !force) call.process.print(`Ignoring option ${option}\n`);
  const domain = call.domain(word!);
  if (domain === null) return call.noDomain(word!);
  const managed = call.xend.domains.of(domain);
  const devid = numberOf(call, managed, device!);
  if (typeof devid === "string") return call.fault(devid);
  return new Detach(call, managed, devid, force);
}

/** The device's number, or xend's sentence. */
function numberOf(call: XmCall, domain: ManagedDomain, word: string): number | string {
  if (/^\d+$/.test(word)) return Number(word);
  if (!call.format.knowsMacs) return `invalid literal for int(): ${word}`;
  const { store } = call.xen;
  const root = `${domain.path}/device/vif`;
  const isIt = (name: string): boolean => store.read(`${root}/${name}/mac`)?.toLowerCase() === word.toLowerCase();
  const found = (store.list(root) ?? []).find(isIt);
  return found === undefined ? `Cannot find device '${word}' in domain '${call.args[0]}'` : Number(found);
}

/** One piece of work of xend's; what goes wrong is told. */
abstract class Change extends XmProgram {
  protected readonly domain: ManagedDomain;

  constructor(call: XmCall, domain: ManagedDomain) {
    super(call);
    this.domain = domain;
  }

  protected answered(_task: Task, error: string | null): void {
    this.process.exit(error === null ? 0 : this.call.fault(error));
  }
}

class Attach extends Change {
  private readonly settings: VifSettings;

  constructor(call: XmCall, domain: ManagedDomain, settings: VifSettings) {
    super(call, domain);
    this.settings = settings;
  }

  protected begin(): void {
    new AttachVif(this.call.xend.context, this, this.domain, this.settings).start();
  }
}

class Detach extends Change {
  private readonly devid: number;
  private readonly force: boolean;

  constructor(call: XmCall, domain: ManagedDomain, devid: number, force: boolean) {
    super(call, domain);
    this.devid = devid;
    this.force = force;
  }

  protected begin(): void {
    new DetachVif(this.call.xend.context, this, this.domain, this.devid, this.force).start();
  }
}
