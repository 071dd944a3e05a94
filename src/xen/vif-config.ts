/**
 * One item of xl.cfg's `vif = [ ... ]`: "mac=00:16:3e:00:00:01,bridge=xenbr0,rate=10Mb/s".
 * Follows parse_nic_config in xl_parse.c of Xen 4.17 and xl-network-configuration(5), with xl's own sentences as data.
 * Not modelled: COLO keys are accepted and forgotten; a MAC must be six bytes with `:` or `-` (xl takes any separator).
 */
import { formatMac, type Mac, parseMac } from "../packet/address.ts";
import { parseRate, type VifRate } from "./rate.ts";

/** What is `null` was not given: xl and the hotplug script choose. */
export interface VifConfig {
  /** the item as it was written */
  readonly text: string;
  readonly mac: Mac | null;
  readonly bridge: string | null;
  /** `ip=` holds addresses parted by blanks; they are kept as written */
  readonly ip: readonly string[];
  readonly script: string | null;
  readonly type: "vif" | "ioemu" | null;
  readonly model: string | null;
  readonly vifname: string | null;
  readonly rate: VifRate | null;
  readonly backend: string | null;
  /** also from `netdev=`, the deprecated word for it */
  readonly gatewaydev: string | null;
  readonly devid: number | null;
  readonly mtu: number | null;
  readonly trusted: boolean;
}

/** Something xl prints about an item. */
export interface VifRemark {
  /**
   * notice: printed, nothing else happens; refused: `xl network-attach` fails, but in a configuration file xl goes on
   * without the word; fatal: xl exits 1.
   */
  readonly weight: "notice" | "refused" | "fatal";
  readonly message: string;
  /** the word in question, and where it stands in the text */
  readonly word: string;
  readonly at: number;
}

/** The words an item may hold, in the order of the manual page. */
export const VIF_WORDS: readonly string[] = [
  "mac",
  "bridge",
  "gatewaydev",
  "type",
  "model",
  "vifname",
  "script",
  "ip",
  "backend",
  "rate",
  "devid",
  "mtu",
  "accel",
  "trusted",
  "untrusted",
  "netdev",
];

/** xl.conf's vif.default.bridge when nobody sets it (libxl). */
export const DEFAULT_BRIDGE = "xenbr0";

type Draft = { -readonly [K in keyof VifConfig]: VifConfig[K] };
type Complaint = Pick<VifRemark, "weight" | "message">;

/** Never fails as a whole: what xl would print stands in `remarks`, in the order of the text. */
export function parseVifConfig(text: string): {
  config: VifConfig;
  remarks: VifRemark[];
} {
  const config: Draft = {
    text,
    mac: null,
    bridge: null,
    ip: [],
    script: null,
    type: null,
    model: null,
    vifname: null,
    rate: null,
    backend: null,
    gatewaydev: null,
    devid: null,
    mtu: null,
    trusted: true,
  };
  const remarks: VifRemark[] = [];
  for (const { word, at } of splitWords(text)) {
    const complaint = applyWord(config, word);
    if (complaint !== null) remarks.push({ ...complaint, word, at });
  }
  return { config, remarks };
}

/** The same item with a MAC address: what xl saves after it has made one up. */
export function withMac(config: VifConfig, mac: Mac): VifConfig & { readonly mac: Mac } {
  if (config.mac !== null) return { ...config, mac: config.mac };
  const rest = config.text.trim();
  return {
    ...config,
    mac,
    text: `mac=${formatMac(mac)}${rest === "" ? "" : `,${rest}`}`,
  };
}

/** `strtok` at commas, then leading blanks skipped; trailing blanks belong to the value, as in xl. */
function splitWords(text: string): { word: string; at: number }[] {
  const words: { word: string; at: number }[] = [];
  for (const match of text.matchAll(/[^,]+/g)) {
    const word = match[0].replace(/^ +/, "");
    if (word !== "") words.push({ word, at: match.index + match[0].length - word.length });
  }
  return words;
}

function applyWord(config: Draft, word: string): Complaint | null {
  const equals = word.indexOf("=");
  const key = equals < 0 ? word : word.slice(0, equals);
  if (equals < 0) return applyFlag(config, key);
  return applyPair(config, key, word.slice(equals + 1)) ?? null;
}

function applyFlag(config: Draft, flag: string): Complaint | null {
  if (flag !== "trusted" && flag !== "untrusted") return unrecognized(flag);
  config.trusted = flag === "trusted";
  return null;
}

function applyPair(config: Draft, key: string, value: string): Complaint | undefined {
  switch (key) {
    case "bridge":
    case "script":
    case "model":
    case "vifname":
    case "backend":
    case "gatewaydev":
      config[key] = value;
      return undefined;
    case "netdev":
      config.gatewaydev = value;
      return notice("the netdev parameter is deprecated, please use gatewaydev instead");
    case "ip":
      config.ip = value.split(" ").filter((part) => part !== "");
      return undefined;
    case "type":
      return setType(config, value);
    case "mac":
      config.mac = parseMac(value.trim());
      return config.mac === null ? refused("Invalid parameter `mac'.") : undefined;
    case "rate":
      return setRate(config, value);
    case "devid":
    case "mtu":
      return setNumber(config, key, value);
    case "accel":
      return notice("the accel parameter for vifs is currently not supported");
    default:
      return /^(forwarddev|colo_[a-z0-9_]+)$/.test(key) ? undefined : unrecognized(`${key}=${value}`);
  }
}

function setType(config: Draft, value: string): Complaint | undefined {
  if (value !== "vif" && value !== "ioemu") return refused("Invalid parameter `type'.");
  config.type = value;
  return undefined;
}

function setRate(config: Draft, value: string): Complaint | undefined {
  const { rate, error } = parseRate(value);
  if (error !== null) return fatal(error);
  config.rate = rate;
  return undefined;
}

/** `strtoul` with base 10: what follows the digits is ignored. */
function setNumber(config: Draft, key: "devid" | "mtu", value: string): Complaint | undefined {
  const digits = /^\s*\+?([0-9]{1,15})/.exec(value)?.[1];
  if (digits === undefined) return fatal(`xl: failed to convert "${value}" to number`);
  config[key] = Number(digits);
  return undefined;
}

const unrecognized = (token: string): Complaint => refused(`unrecognized argument \`${token}'`);
const notice = (message: string): Complaint => ({ weight: "notice", message });
const refused = (message: string): Complaint => ({
  weight: "refused",
  message,
});
const fatal = (message: string): Complaint => ({ weight: "fatal", message });
