/** Guests: their vifs as xl reads them, and what they set inside. */
import { formatIpv4, parseCidr } from "../../packet/address.ts";
import {
  DEFAULT_BRIDGE,
  parseVifConfig,
  VIF_WORDS,
  type VifConfig,
  type VifRemark,
  withMac,
} from "../../xen/vif-config.ts";
import type { Desk } from "./desk.ts";
import { type Advice, adviseWord, listWords, type Path, quoteWord } from "./diagnostic.ts";
import { BRIDGELESS, scriptName } from "./host-mode.ts";
import { GUEST_PREFIX } from "./mac-addresses.ts";
import type { DomainPlan, InsidePlan, VifPlan } from "./plan.ts";
import { checkGateway, type Ground, resolveAddresses, resolveNames, toCidrs, toIpv4 } from "./resolve-network.ts";
import type { DomainInput, InsideInput } from "./schema.ts";
import { checkDeviceName } from "./values.ts";

/** What exists on the host when the guest starts. */
export interface Surroundings {
  readonly bridges: readonly string[];
  /** In /etc/xen/scripts. */
  readonly scripts: readonly string[];
  /** Of vifs that name none. */
  readonly vifScript: string;
}

export function resolveDomain(
  ground: Ground,
  name: string,
  path: Path,
  input: DomainInput,
  surroundings: Surroundings,
): DomainPlan {
  const { desk } = ground;
  const vifs = vifTexts(input, surroundings).map((text, i): VifPlan => {
    const at = [...path, "vif", i];
    const { config, remarks } = parseVifConfig(text);
    for (const remark of remarks) tellRemark(desk, at, remark);
    checkVif(desk, at, config, surroundings);
    return withMac(config, config.mac ?? ground.macs.generate(GUEST_PREFIX, name, `eth${i}`));
  });
  checkDeviceNumbers(desk, [...path, "vif"], vifs);
  const inside = Object.entries(input.inside ?? {}).map(([device, values]) =>
    resolveInside(desk, [...path, "inside", device], device, values ?? {}),
  );
  checkInside(desk, path, name, inside, vifs.length);
  return {
    name,
    vcpus: input.vcpus ?? 1,
    memory: input.memory ?? 256,
    vifs,
    inside,
    onBoot: input["on-boot"] ?? [],
    autostart: input.autostart ?? true,
  };
}

/**
 * What xl would get as `vif = [ ... ]`. A guest about which nothing is said gets one vif: on the first bridge, or with the
 * words that a routing script needs.
 */
function vifTexts(input: DomainInput, { bridges, vifScript }: Surroundings): readonly string[] {
  const written = writtenVifs(input);
  if (written !== null) return written;
  const script = scriptName(vifScript);
  if (script === "vif-nat") return [""];
  if (script === "vif-route")
    return [
      `ip=${toCidrs(input.inside?.["eth0"]?.ip)
        .map((cidr) => formatIpv4(cidr.address))
        .join(" ")}`,
    ];
  return bridges.length === 0 ? [] : [`bridge=${bridges[0]}`];
}

/** Null where nothing is said. */
export const writtenVifs = ({ vif }: DomainInput): readonly string[] | null =>
  vif === undefined ? null : typeof vif === "string" ? [vif] : vif;

/** `script=` of each vif that is written out; null where it names none. */
export const scriptsOf = (input: DomainInput): (string | null)[] =>
  (writtenVifs(input) ?? []).map((text) => parseVifConfig(text).config.script);

/** The device number of each vif: its own, or the last one used plus one (libxl__device_nextid). */
export function deviceNumbers(vifs: readonly VifConfig[]): number[] {
  let next = 0;
  return vifs.map(({ devid }) => {
    const number = devid ?? next;
    next = Math.max(next, number + 1);
    return number;
  });
}

/** xl goes on without a word that it does not know; so do we, but we say it. A wrong value is an error here. */
function tellRemark(desk: Desk, path: Path, remark: VifRemark): void {
  const key = remark.word.split("=", 1)[0]!;
  const known = VIF_WORDS.includes(key);
  const severity = remark.weight === "notice" || (remark.weight === "refused" && !known) ? "warning" : "error";
  const advice = known ? adviseValue(key) : adviseWord(key, VIF_WORDS);
  const span = desk.source.piece(path, remark.at, remark.word.length);
  desk.add(severity, span, path, "vif", remark.message, advice);
}

const VALUES: Readonly<Record<string, string>> = {
  mac: "six bytes such as 00:16:3e:00:00:01",
  rate: "a rate such as 10Mb/s or 2MB/s@50ms",
  type: "vif",
  devid: "a number",
  mtu: "a number",
};

function adviseValue(key: string): Advice {
  const expected = VALUES[key];
  return expected === undefined ? {} : { expected };
}

function checkVif(desk: Desk, path: Path, config: VifConfig, { bridges, scripts, vifScript }: Surroundings): void {
  const tell = (severity: "error" | "warning", key: string, code: string, message: string, advice: Advice = {}): void =>
    desk.add(severity, wordSpan(desk, path, config.text, key), path, code, message, advice);
  const bridge = config.bridge ?? DEFAULT_BRIDGE;
  if (!BRIDGELESS.includes(scriptName(config.script ?? vifScript)) && !bridges.includes(bridge)) {
    tell(
      "warning",
      "bridge",
      "unknown-bridge",
      `nothing creates the bridge ${quoteWord(bridge)}`,
      adviseWord(bridge, bridges),
    );
  }
  if (config.type === "ioemu") {
    tell("error", "type", "not-modelled", "type=ioemu is not modelled yet: guests are paravirtual", {
      expected: "vif",
    });
  }
  if (!["0", "Domain-0", "dom0", null].includes(config.backend)) {
    tell("error", "backend", "not-modelled", "a driver domain is not modelled yet", { expected: "0" });
  }
  const script = config.script?.replace(/^\/etc\/xen\/scripts\//, "") ?? null;
  if (script !== null && !scripts.includes(script)) {
    const message = `there is no vif script ${quoteWord(config.script!)} on this host`;
    tell("error", "script", "unknown-script", message, adviseWord(script, scripts));
  }
  if (config.vifname !== null && checkDeviceName(config.vifname) !== true) {
    const verdict =
      checkDeviceName(config.vifname) || `${quoteWord(config.vifname)} is not a name for a network device`;
    tell("error", "vifname", "bad-name", String(verdict));
  }
  if (config.mac !== null && Math.floor(config.mac / 0x100_0000_0000) % 2 === 1) {
    tell("error", "mac", "bad-value", "this MAC is a group address: no device can own it", adviseValue("mac"));
  }
  for (const ip of config.ip.filter((one) => parseCidr(one) === null)) {
    tell("warning", "ip", "bad-value", `${quoteWord(ip)} is not an IPv4 address`);
  }
}

function wordSpan(desk: Desk, path: Path, text: string, key: string) {
  const match = new RegExp(`(?:^|,) *(${key}=[^,]*)`).exec(text);
  if (match === null) return desk.source.value(path);
  return desk.source.piece(path, match.index + match[0].length - match[1]!.length, match[1]!.length);
}

function checkDeviceNumbers(desk: Desk, path: Path, vifs: readonly VifConfig[]): void {
  const numbers = deviceNumbers(vifs);
  numbers.forEach((number, i) => {
    if (numbers.indexOf(number) === i) return;
    desk.error([...path, i], "duplicate-name", `the device number ${number} is taken by another vif of this guest`);
  });
}

function resolveInside(desk: Desk, path: Path, device: string, input: InsideInput): InsidePlan {
  const addresses = resolveAddresses(desk, [...path, "ip"], input.ip);
  const gateway = toIpv4(input.gateway);
  if (gateway !== null) checkGateway(desk, [...path, "gateway"], gateway, addresses, device);
  return { device, addresses, gateway, mtu: input.mtu ?? null, ...resolveNames(desk, path, input) };
}

function checkInside(desk: Desk, path: Path, name: string, inside: readonly InsidePlan[], vifs: number): void {
  const devices = Array.from({ length: vifs }, (_, i) => `eth${i}`);
  for (const { device } of inside) {
    if (devices.includes(device)) continue;
    const has = vifs === 0 ? "no vif" : `only ${listWords(devices).replace(" or ", " and ")}`;
    const message = `the guest ${name} has no device ${quoteWord(device)}: it has ${has}`;
    desk.errorAtKey([...path, "inside", device], "unknown-device", message, adviseWord(device, devices));
  }
}
