/**
 * What an xl.cfg file asks for: parse_config_data of xl_parse.c, Xen 4.17, as far as a network needs it. Keys that only
 * concern disks, screens, CPUs and the like are read over.
 */
import type { Random } from "../../../engine/random.ts";
import { parseVifConfig, type VifConfig, type VifRemark } from "../../../xen/vif-config.ts";
import { hyphenate, randomUuid } from "../../identity.ts";
import type { DomainConfig, DomainType, ShutdownAction } from "../../libxl/domain-config.ts";
import { parseXlConfig, type XlConfig } from "../../xl-config.ts";

/** A configuration, or null: xl exits 1. `said` is what xl printed on the way. */
export interface DomainFile {
  readonly config: DomainConfig | null;
  readonly said: string;
}

/** libxl__domain_build_info_setdefault, MiB. */
const DEFAULT_MEMORY = 32;

const ACTIONS: readonly ShutdownAction[] = [
  "destroy",
  "restart",
  "rename-restart",
  "preserve",
  "coredump-destroy",
  "coredump-restart",
  "soft-reset",
];

/** Somebody else than domain 0 would have to serve this device. */
export const isOtherBackend = ({ backend }: VifConfig): boolean =>
  backend !== null && backend !== "0" && backend !== "Domain-0";

/** libxlu names the configuration before its sentences, xl does not. */
export const sourced = ({ message }: VifRemark, source: string): string =>
  message.startsWith("config parsing error") ? `${source}: ${message}` : message;

export function readDomainFile(text: string, source: string, random: Random): DomainFile {
  const { config, errors } = parseXlConfig(text, source);
  if (errors !== "") return { config: null, said: `${errors}Failed to parse config: Invalid argument\n` };
  const reader = new Reader(config, source, random);
  const domain = reader.read();
  return { config: domain, said: reader.said };
}

class Reader {
  said = "";
  private readonly config: XlConfig;
  private readonly source: string;
  private readonly random: Random;

  constructor(config: XlConfig, source: string, random: Random) {
    this.config = config;
    this.source = source;
    this.random = random;
  }

  /** In xl's order: the first complaint is the one that counts. */
  read(): DomainConfig | null {
    const type = this.type();
    if (type === null) return null;
    const name = this.string("name");
    if (name === null) return this.refuse("Domain name must be specified.");
    const uuid = this.uuid();
    if (uuid === null) return null;
    const sizes = this.sizes();
    const actions = this.actions();
    if (sizes === null || actions === null) return null;
    const cmdline = this.cmdline();
    const kernel = this.string("kernel");
    const bootloader = this.string("bootloader");
    if (kernel === null && bootloader === null) return this.refuse("Neither kernel nor bootloader specified");
    const vifs = this.vifs();
    if (vifs === null) return null;
    return {
      name,
      uuid,
      type,
      memory: sizes.memory,
      maxMemory: sizes.maxMemory,
      vcpus: sizes.vcpus,
      maxVcpus: sizes.maxVcpus,
      kernel: kernel ?? bootloader!,
      ramdisk: this.string("ramdisk"),
      cmdline,
      onPoweroff: actions.onPoweroff,
      onReboot: actions.onReboot,
      onWatchdog: actions.onWatchdog,
      onCrash: actions.onCrash,
      onSoftReset: actions.onSoftReset,
      vifs,
    };
  }

  private string(name: string): string | null {
    return this.ask(this.config.string(name));
  }

  private number(name: string): number | null {
    return this.ask(this.config.number(name));
  }

  /** Warnings appear where the question was asked. */
  private ask<T>(answer: T): T {
    this.said += this.config.warnings;
    this.config.warnings = "";
    return answer;
  }

  private refuse(sentence: string): null {
    this.said += `${sentence}\n`;
    return null;
  }

  /** strncmp with the length of what was given: any beginning of a word is that word, in xl's order. */
  private type(): DomainType | null {
    const given = this.string("type");
    const builder = this.string("builder");
    const types = ["hvm", "pv", "pvh"] as const;
    const type = given === null ? null : (types.find((each) => each.startsWith(given)) ?? "invalid");
    if (type === "invalid") return this.refuse(`Invalid domain type ${given}.`);
    const built =
      builder === null ? null : "hvm".startsWith(builder) ? "hvm" : "generic".startsWith(builder) ? "pv" : "invalid";
    if (built === "invalid") return this.refuse(`Invalid domain type ${builder}.`);
    if (type !== null && built !== null && type !== built) {
      return this.refuse('Contradicting "builder" and "type" options specified.');
    }
    const chosen = type ?? built ?? "pv";
    return chosen === "hvm" ? this.refuse("xl: HVM guests are not modelled") : chosen;
  }

  private uuid(): string | null {
    const given = this.string("uuid");
    if (given === null) return randomUuid(this.random);
    const digits = given.replaceAll("-", "").toLowerCase();
    if (!/^[0-9a-f]{32}$/.test(digits)) return this.refuse(`Failed to parse UUID: ${given}`);
    return hyphenate(digits);
  }

  private sizes(): Pick<DomainConfig, "memory" | "maxMemory" | "vcpus" | "maxVcpus"> | null {
    const target = this.number("memory");
    const maximum = this.number("maxmem");
    const vcpus = this.number("vcpus");
    const maxVcpus = this.number("maxvcpus") ?? vcpus ?? 1;
    if (maxVcpus < (vcpus ?? 0)) return this.refuse("xl: maxvcpus < vcpus");
    if (maxVcpus < 1 || maxVcpus > 512) return this.refuse(`xl: ${maxVcpus} vcpus are not modelled`);
    const maxMemory = maximum ?? target ?? DEFAULT_MEMORY;
    return { memory: target ?? maxMemory, maxMemory, vcpus: vcpus ?? 1, maxVcpus };
  }

  private actions() {
    const onPoweroff = this.action("on_poweroff", "destroy");
    const onReboot = onPoweroff && this.action("on_reboot", "restart");
    const onWatchdog = onReboot && this.action("on_watchdog", "destroy");
    const onCrash = onWatchdog && this.action("on_crash", "destroy");
    const onSoftReset = onCrash && this.action("on_soft_reset", "soft-reset");
    if (!onPoweroff || !onReboot || !onWatchdog || !onCrash || !onSoftReset) return null;
    return { onPoweroff, onReboot, onWatchdog, onCrash, onSoftReset };
  }

  private action(name: string, usual: ShutdownAction): ShutdownAction | null {
    const given = this.string(name) ?? usual;
    const known = ACTIONS.find((action) => action === given);
    return known ?? this.refuse(`Unknown ${name} action "${given}" specified`);
  }

  private cmdline(): string | null {
    const cmdline = this.string("cmdline");
    const root = this.string("root");
    const extra = this.string("extra");
    if (cmdline === null) {
      const words = [...(root === null ? [] : [`root=${root}`]), ...(extra === null ? [] : [extra])];
      return words.length === 0 ? null : words.join(" ");
    }
    if (root !== null || extra !== null) this.said += "Warning: ignoring root= and extra= in favour of cmdline=\n";
    return cmdline;
  }

  /** What xl does not know in a vif it says and goes on without; a wrong rate ends it. */
  private vifs(): VifConfig[] | null {
    const vifs: VifConfig[] = [];
    for (const text of this.ask(this.config.list("vif")) ?? []) {
      const { config, remarks } = parseVifConfig(text);
      for (const remark of remarks) {
        this.said += `${sourced(remark, this.source)}\n`;
        if (remark.weight === "fatal") return null;
      }
      if (isOtherBackend(config)) return this.refuse(`xl: a driver domain (backend=${config.backend}) is not modelled`);
      vifs.push(config);
    }
    return vifs;
  }
}
