/**
 * xl create: main_create and create_domain of xl_vmcontrol.c, Xen 4.17. Unless told otherwise (-e) a process stays behind
 * that waits for the domain's death. Not modelled: consoles and screens that open by themselves.
 */
import { Errno } from "../../errno.ts";
import { resolvePath } from "../../files.ts";
import { Rc } from "../../libxl/context.ts";
import { type DomainConfig, domainJson, formatJson, nicJson } from "../../libxl/domain-config.ts";
import { DomainCreate } from "../../libxl/domain-create.ts";
import { DomainDestroy } from "../../libxl/domain-destroy.ts";
import { type Step, ToolstackProgram } from "../../libxl/step.ts";
import { readDomainFile } from "./domain-file.ts";
import { startMonitor } from "./monitor.ts";
import { helpOf, type Subcommand, type XlCall } from "./subcommand.ts";

export const create: Subcommand = {
  name: "create",
  summary: "Create a domain from config file <filename>",
  usage: "<ConfigFile> [options] [vars]",
  options: `-h                      Print this help.
-p                      Leave the domain paused after it is created.
-n, --dryrun            Dry run - prints the resulting configuration
                         (deprecated in favour of global -N option).
-q, --quiet             Quiet.
-f FILE, --defconfig=FILE
                     Use the given configuration file.
-e                      Do not wait in the background for the death of the domain.`,
  letters: "AFVcdef:inpq",
  longs: {
    defconfig: "f",
    dryrun: "n",
    "ignore-global-affinity-masks": "i",
    quiet: "q",
    vncviewer: "V",
    "vncviewer-autopass": "A",
  },
  modifies: true,
  canDryRun: true,
  run,
};

const NOT_MODELLED: Readonly<Record<string, string>> = {
  A: "a VNC viewer",
  V: "a VNC viewer",
  F: "staying in the foreground (-F)",
  c: "a console at once (-c)",
  d: "debug output (-d)",
};

function run(call: XlCall): Create | number {
  const refused = call.given.find(({ letter }) => NOT_MODELLED[letter] !== undefined);
  if (refused !== undefined) return call.notModelled(NOT_MODELLED[refused.letter]!);
  const variables = call.operands.filter((word) => word.includes("="));
  const [plain, ...more] = call.operands.filter((word) => !word.includes("="));
  const file = call.given.findLast(({ letter }) => letter === "f")?.value ?? plain;
  if (more.length > 0 || (plain !== undefined && file !== plain)) {
    call.process.print(helpOf(create));
    return 2;
  }
  if (file === undefined) return call.fail("Config file not specified and none in save file", -Rc.INVAL);
  return open(call, file, variables);
}

function open(call: XlCall, file: string, variables: readonly string[]): Create | number {
  const { machine, cwd } = call.process;
  const content = file === "/dev/null" ? "" : machine.files.read(resolvePath(file, cwd));
  if (content instanceof Errno) return call.fail(`Failed to read config file: ${file}: ${content.text}`, -Rc.FAIL);
  if (!call.has("q")) call.process.error(`Parsing config from ${file}\n`);
  const text = variables.length === 0 ? content : `${content}\n${variables.map((each) => `${each}\n`).join("")}\n`;
  const { config, said } = readDomainFile(text, file, machine.world.random("libxl"));
  call.process.error(said);
  if (config === null) return 1;
  if (!call.has("n")) return new Create(call, config);
  // A dry run shows what was written: nothing has been chosen for a device yet.
  const nics = config.vifs.map((vif) => nicJson(vif, null));
  call.process.print(`${formatJson(domainJson(config, nics))}\n`);
  return 0;
}

class Create extends ToolstackProgram {
  private readonly config: DomainConfig;
  private readonly paused: boolean;
  private readonly monitored: boolean;
  private creation: DomainCreate | null = null;

  constructor(call: XlCall, config: DomainConfig) {
    super(call.process, call.xen);
    this.config = config;
    this.paused = call.has("p");
    this.monitored = !call.has("e");
  }

  start(): void {
    this.creation = new DomainCreate(this.libxl, this, this.config);
    this.creation.start();
  }

  stepDone(step: Step, rc: Rc): void {
    const { domid } = this.creation!;
    if (step instanceof DomainDestroy) return this.destroyed(rc, domid!);
    if (rc !== Rc.OK) return new DomainDestroy(this.libxl, this, domid!).start();
    const domain = this.libxl.xen.hypervisor.find(domid!);
    if (!this.paused && domain !== null) this.libxl.xen.unpause(domain);
    if (this.monitored && domain !== null) startMonitor(this.process, this.libxl.xen, domain, this.config);
    this.process.exit(0);
  }

  /** libxl has destroyed what it made; xl tries again, and says so: every admin knows these three lines. */
  private destroyed(rc: Rc, domid: number): void {
    if (rc !== Rc.OK) this.libxl.error("libxl_domain.c:1064:domain_destroy_cb", "Destruction of domain failed", domid);
    this.process.exit(-Rc.FAIL);
  }
}
