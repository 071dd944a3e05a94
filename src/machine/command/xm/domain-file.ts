/**
 * What a configuration file of xm asks for: create.py's variables, as far as a network needs them. The file is Python;
 * here it is what nearly all of them are, assignments of strings, numbers and lists, and anything else is refused.
 * Not modelled: HVM guests, disks, and `nics`.
 */
import type { Random } from "../../../engine/random.ts";
import { hyphenate, randomUuid } from "../../identity.ts";
import type { DomainSettings, VifSettings } from "../../xend/settings.ts";
import { type ConfigValue, parseXlConfig, type XlConfig } from "../../xl-config.ts";
import type { XmFormat } from "./format.ts";

/** Settings, or the sentence that ends xm: xm's own after "Error: ", or ours. */
export type DomainFile =
  | { readonly settings: DomainSettings }
  | { readonly error: string }
  | { readonly notModelled: string };

/** create.py's defaults. */
const MEMORY = 128;

/** Somebody else than domain 0 would have to serve this device. */
export const isOtherDomain = (backend: string | undefined): boolean =>
  backend !== undefined && backend !== "0" && backend !== "Domain-0";

/** `overrides` are the NAME=VALUE words of the command line, of which the file's own variables do not count. */
export function readDomainFile(
  text: string,
  file: string,
  overrides: readonly (readonly [name: string, value: string])[],
  format: XmFormat,
  random: Random,
): DomainFile {
  const { config, errors } = parseXlConfig(text, file);
  if (errors !== "") return syntaxError(errors, text, file);
  return new Reader(config, overrides, format, random).read(file);
}

function syntaxError(errors: string, text: string, file: string): DomainFile {
  const number = Number(/:(\d+): config parsing error/.exec(errors)?.[1] ?? 1);
  const line = text.split("\n")[number - 1] ?? "";
  const isPython = errors.includes("Python") || /^\s*(import|from|def|if|for|while|print|try|class)\b|[+%(]/.test(line);
  if (isPython) return { notModelled: `Python code in a configuration file (${file}:${number})` };
  return { error: `Errors were found at line ${number} while processing ${file}:\n\t${line}\n` };
}

class Reader {
  private readonly config: XlConfig;
  private readonly overrides: ReadonlyMap<string, string>;
  private readonly extraVifs: readonly string[];
  private readonly format: XmFormat;
  private readonly random: Random;
  private wrong: DomainFile | null = null;

  constructor(
    config: XlConfig,
    overrides: readonly (readonly [name: string, value: string])[],
    format: XmFormat,
    random: Random,
  ) {
    this.config = config;
    this.overrides = new Map(overrides);
    this.extraVifs = overrides.filter(([name]) => name === "vif").map(([, value]) => value);
    this.format = format;
    this.random = random;
  }

  read(file: string): DomainFile {
    if (this.text("builder") === "hvm") return { notModelled: "an HVM guest" };
    const memory = this.number("memory") ?? MEMORY;
    const uuid = this.text("uuid")?.replaceAll("-", "").toLowerCase() ?? null;
    const settings: DomainSettings = {
      name: this.text("name") ?? file.split("/").at(-1)!,
      uuid: uuid === null ? randomUuid(this.random) : hyphenate(uuid),
      memory,
      maxMemory: this.number("maxmem") ?? memory,
      vcpus: this.number("vcpus") ?? 1,
      kernel: this.text("kernel") ?? this.text("bootloader"),
      ramdisk: this.text("ramdisk"),
      args: this.args(),
      onPoweroff: this.text("on_poweroff") ?? "destroy",
      onReboot: this.text("on_reboot") ?? "restart",
      onCrash: this.text("on_crash") ?? "restart",
      vifs: this.vifs(),
    };
    return this.wrong ?? { settings };
  }

  private refuse(wrong: DomainFile): void {
    this.wrong ??= wrong;
  }

  private text(name: string): string | null {
    const given = this.overrides.get(name);
    if (given !== undefined) return given;
    const value = this.config.find(name)?.value;
    return typeof value === "string" ? value : null;
  }

  private number(name: string): number | null {
    const text = this.text(name);
    if (text === null) return null;
    if (!/^\s*\d+\s*$/.test(text)) this.refuse({ error: `Invalid value: ${text}` });
    return Number(text);
  }

  /** Linux's command line: root= and extra=. */
  private args(): string {
    const root = this.text("root");
    const extra = this.text("extra");
    return [...(root === null ? [] : [`root=${root}`]), ...(extra === null ? [] : [extra])].join(" ");
  }

  private vifs(): VifSettings[] {
    const value: ConfigValue = this.extraVifs.length > 0 ? this.extraVifs : (this.config.find("vif")?.value ?? []);
    // Python goes through a string letter by letter.
    const items = typeof value === "string" ? [...value] : value;
    return items.map((item) => this.vif(typeof item === "string" ? item : ""));
  }

  /** comma_sep_kv_to_dict and configure_vifs */
  private vif(text: string): VifSettings {
    const settings = new Map<string, string>();
    if (text.trim() === "" && this.format.takesEmptyVif) return settings;
    for (const pair of text.trim().split(",")) {
      const at = pair.indexOf("=");
      if (at < 0) this.refuse({ error: this.format.badVifPair(pair) });
      const key = pair.slice(0, at).trim();
      if (!this.format.vifWords.includes(key)) this.refuse({ error: this.format.badVifWord(key, text) });
      settings.set(key, pair.slice(at + 1).trim());
    }
    const backend = settings.get("backend");
    if (isOtherDomain(backend)) this.refuse({ notModelled: `a driver domain (backend=${backend})` });
    return settings;
  }
}
