/**
 * The kinds of values in a topology, each with its check, its sentence and its JSON schema. A kind only looks;
 * `resolve` turns the text into numbers with the same parsers.
 */
import { z } from "zod";
import { parseCidr, parseIpv4, parseMac } from "../../packet/address.ts";
import { parseRate } from "../../xen/rate.ts";
import { listWords, quoteWord } from "./diagnostic.ts";
import { parseBitRate, parseDuration, parseEpoch, parseShare } from "./units.ts";

/** What a kind hands to `issues.ts` beside the sentence. */
export interface KindAdvice {
  readonly expected: string;
  /** words of which the nearest is offered */
  readonly words: readonly string[];
  readonly missing: boolean;
}

interface Kind {
  /** "a MAC address": completes "... is not" */
  readonly noun: string;
  readonly expected: string;
  readonly json: Readonly<Record<string, unknown>>;
  readonly words?: readonly string[];
  /** true, false, or a sentence of its own */
  readonly test: (value: unknown) => boolean | string;
}

export function kind<T>({ noun, expected, json, words = [], test }: Kind): z.ZodCustom<T, T> {
  return z
    .custom<T>()
    .check((context) => {
      const value: unknown = context.value;
      const missing = value === undefined;
      const verdict = missing ? "" : test(value);
      if (verdict === true) return;
      const message = verdict === false ? `${describeValue(value)} is not ${noun}` : verdict;
      const params: KindAdvice = { expected, words, missing };
      context.issues.push({
        code: "custom",
        input: value,
        message,
        params: { ...params },
      });
    })
    .meta(json);
}

export const EMPTY_VALUE = "an empty value";

export function describeValue(value: unknown): string {
  if (value === null || value === undefined) return EMPTY_VALUE;
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object") return "a mapping";
  return typeof value === "string" ? quoteWord(value) : `the ${typeof value} ${String(value)}`;
}

const MAX_TEXT = 4096;
const isText = (value: unknown): value is string => typeof value === "string";

export const text = kind<string>({
  noun: "a text",
  expected: "a text; put quotes around numbers, true and false",
  json: { type: "string" },
  test: isText,
});

export const vif = kind<string>({
  noun: "a vif",
  expected: "a text as in xl.cfg such as 'mac=00:16:3e:00:00:01,bridge=xenbr0', or a list of them",
  json: { type: "string" },
  test: isText,
});

export const command = kind<string>({
  noun: "a command line",
  expected: "a command line such as ping -c 3 192.168.1.1",
  json: { type: "string", minLength: 1 },
  test: (value) => isText(value) && value.trim() !== "" && value.length <= MAX_TEXT,
});

/** The text of a script; longer than other texts may be. */
export const script = kind<string>({
  noun: "a script",
  expected: "command lines",
  json: { type: "string", minLength: 1 },
  test: (value) => isText(value) && value.trim() !== "" && value.length <= 16 * MAX_TEXT,
});

/** A network of libvirt: a word, a path, or XML. */
export const libvirtNetwork = kind<string>({
  noun: "a network of libvirt",
  expected: "default, a file of XML such as default.xml, or the XML itself",
  json: { type: "string", minLength: 1 },
  words: ["default"],
  test: (value) =>
    isText(value) && value.length <= 16 * MAX_TEXT && (value === "default" || /^\s*<|\.xml$/.test(value)),
});

/** A network script with its arguments, as it stands in xend-config.sxp. */
/** What xend may run when it starts, with the variables each reads. */
const NETWORK_SCRIPTS: Readonly<Record<string, readonly string[]>> = {
  "network-bridge": ["vifnum", "netdev", "bridge", "antispoof"],
  "network-route": ["vifnum", "netdev", "antispoof"],
  "network-nat": ["netdev", "antispoof", "dhcp"],
};

export const networkScript = kind<string>({
  noun: "a network script",
  expected: "network-bridge, network-route or network-nat with arguments such as netdev=eth1, or none",
  json: { type: "string", pattern: "^(none|network-(bridge|route|nat)( \\w+=\\S+)*)$" },
  words: [...Object.keys(NETWORK_SCRIPTS), "none"],
  test: (value) => {
    if (!isText(value)) return false;
    const [script = "", ...words] = value.trim().split(/\s+/);
    if (script === "none") return words.length === 0;
    const known = NETWORK_SCRIPTS[script];
    if (known === undefined) return false;
    const wrong = words.find(
      (word) => !known.some((name) => word.startsWith(`${name}=`) && word.length > name.length + 1),
    );
    const list = known.map((name) => `${name}=`);
    return (
      wrong === undefined || `${script} has no argument \`${wrong}\`: ${list.slice(0, -1).join(", ")} or ${list.at(-1)}`
    );
  },
});

export const flag = kind<boolean>({
  noun: "true or false",
  expected: "true or false",
  json: { type: "boolean" },
  words: ["true", "false"],
  test: (value) => typeof value === "boolean",
});

export function integer(noun: string, minimum: number, maximum: number): z.ZodCustom<number, number> {
  return kind<number>({
    noun,
    expected: `a whole number from ${minimum} to ${maximum}`,
    json: { type: "integer", minimum, maximum },
    test: (value) => Number.isInteger(value) && Number(value) >= minimum && Number(value) <= maximum,
  });
}

export const mtu = integer("an MTU", 68, 65_535);

/** Names of machines, networks and topologies become file names. */
const MAX_NAME = 63;
export const name = kind<string>({
  noun: "a name",
  expected: "letters, digits, `-`, `_` and `.`, beginning with a letter or digit",
  json: {
    type: "string",
    pattern: "^[A-Za-z0-9][A-Za-z0-9_.-]*$",
    maxLength: MAX_NAME,
  },
  test: (value) => {
    if (!isText(value) || !/^[A-Za-z0-9][A-Za-z0-9_.-]*$/.test(value)) return false;
    return value.length <= MAX_NAME || tooLong(value, MAX_NAME, "a name");
  },
});

/** As sysctl(8) takes it, with dots or slashes. */
export const sysctlName = kind<string>({
  noun: "a name for sysctl",
  expected: "a name such as net.ipv4.ip_forward",
  json: { type: "string", pattern: "^[A-Za-z0-9_]+([./-][A-Za-z0-9_]+)*$" },
  test: (value) => isText(value) && /^[A-Za-z0-9_]+([./-][A-Za-z0-9_]+)*$/.test(value),
});

/** Linux IFNAMSIZ is 16 with the NUL byte at the end. */
const MAX_DEVICE_NAME = 15;
export const deviceName = kind<string>({
  noun: "a name for a network device",
  expected: `at most ${MAX_DEVICE_NAME} letters, digits, \`-\`, \`_\`, \`.\` and \`@\``,
  json: {
    type: "string",
    pattern: "^[A-Za-z0-9_@-][A-Za-z0-9_.@-]*$",
    maxLength: MAX_DEVICE_NAME,
  },
  test: (value) => isText(value) && checkDeviceName(value),
});

/** True, or false, or a sentence about the length. */
export function checkDeviceName(value: string): boolean | string {
  if (!/^[A-Za-z0-9_@-][A-Za-z0-9_.@-]*$/.test(value)) return false;
  return value.length <= MAX_DEVICE_NAME || tooLong(value, MAX_DEVICE_NAME, "the name of a network device");
}

const tooLong = (value: string, limit: number, noun: string): string =>
  `${quoteWord(value)} has ${value.length} characters: ${noun} may have ${limit}`;

export const mac = kind<string>({
  noun: "a MAC address",
  expected: "six bytes such as 00:16:3e:00:00:01",
  json: {
    type: "string",
    pattern: "^[0-9a-fA-F]{1,2}([:-][0-9a-fA-F]{1,2}){5}$",
  },
  test: (value) => {
    if (!isText(value)) return false;
    const parsed = parseMac(value);
    if (parsed === null) return false;
    const group = Math.floor(parsed / 0x100_0000_0000) % 2 === 1;
    return group ? `${quoteWord(value)} is a group address: no device can own it` : true;
  },
});

const IPV4_PATTERN = "(\\d{1,3}\\.){3}\\d{1,3}";

export const ipv4 = kind<string>({
  noun: "an IPv4 address",
  expected: "four decimal numbers such as 192.168.1.1",
  json: { type: "string", pattern: `^${IPV4_PATTERN}$` },
  test: (value) => isText(value) && parseIpv4(value) !== null,
});

export const cidr = kind<string>({
  noun: "an IPv4 address with its prefix length",
  expected: "an address such as 192.168.1.10/24, or a list of them",
  json: { type: "string", pattern: `^${IPV4_PATTERN}/\\d{1,2}$` },
  test: (value) => isText(value) && value.includes("/") && parseCidr(value) !== null,
});

/** In the place of an address: it comes from a DHCP server. */
export const DHCP = "dhcp";

/** In the short form the prefix length may be left out. */
export const address = kind<string>({
  noun: "an IPv4 address",
  expected: "an address such as 192.168.1.11, or a mapping with ip, mac, rate",
  json: { type: "string", pattern: `^${IPV4_PATTERN}(/\\d{1,2})?$` },
  test: (value) => isText(value) && parseCidr(value) !== null,
});

/** Of a guest in the short form: its own, or whatever the network's DHCP server gives it. */
export const guestAddress = kind<string>({
  noun: "an IPv4 address",
  expected: "an address such as 192.168.1.11, dhcp, or a mapping with ip, mac, rate",
  json: { type: "string", pattern: `^(dhcp|${IPV4_PATTERN}(/\\d{1,2})?)$` },
  test: (value) => isText(value) && (value === DHCP || parseCidr(value) !== null),
});

export const duration = kind<string | number>({
  noun: "a duration",
  expected: "a number with ns, us, ms, s, m or h such as 50us; a bare number means seconds",
  json: {
    type: ["string", "number"],
    pattern: "^\\d+(\\.\\d+)? ?(ns|us|ms|s|m|h)$",
    minimum: 0,
  },
  test: (value) => parseDuration(value) !== null,
});

export const bitRate = kind<string | number>({
  noun: "a rate",
  expected: "a number with bit, kbit, mbit, gbit or bps, kbps, mbps, gbps such as 100mbit; or unlimited",
  json: {
    type: ["string", "number"],
    pattern: "^(unlimited|\\d+(\\.\\d+)? ?([kmgtKMGT]?bit|[kmgKMG]?bps))$",
    minimum: 0,
  },
  test: (value) => parseBitRate(value) !== null,
});

export const share = kind<string | number>({
  noun: "a share of the frames",
  expected: "a percentage such as 1%, or a number from 0 to 1",
  json: {
    type: ["string", "number"],
    pattern: "^\\d+(\\.\\d+)? ?%$",
    minimum: 0,
    maximum: 1,
  },
  test: (value) => parseShare(value) !== null,
});

export const epoch = kind<string | number>({
  noun: "a date",
  expected: "a date such as 2026-01-01T00:00:00Z, or seconds since 1970",
  json: {
    type: ["string", "integer"],
    pattern: "^\\d{4}-\\d\\d-\\d\\d([T ]\\d\\d:\\d\\d:\\d\\dZ?)?$",
    minimum: 0,
  },
  test: (value) => parseEpoch(value) !== null,
});

export const xenRate = kind<string>({
  noun: "a rate of xl",
  expected: "a rate as in xl.cfg such as 10Mb/s or 2MB/s@50ms",
  json: { type: "string", pattern: "^[0-9]+[GMK]?[Bb]/s(@[0-9]+[mu]?s?)?$" },
  test: (value) => isText(value) && (parseRate(value).error ?? true),
});

/** One of a few words, of which some may be known but not modelled. */
export function choice<const T extends string>(
  noun: string,
  words: readonly T[],
  later: readonly string[] = [],
): z.ZodCustom<T, T> {
  return kind<T>({
    noun,
    expected: listWords(words),
    json: { enum: [...words] },
    words,
    test: (value) => {
      if (isText(value) && later.includes(value))
        return `${noun.replace(/^an? /, "")} ${quoteWord(value)} is not modelled yet`;
      return words.some((word) => word === value);
    },
  });
}
