/**
 * How each era's xm prints: tables, sentences, exit codes. One record per era of xend; xm asks its host's.
 * Follows tools/python/xen/xm/main.py of RELEASE-3.0.0, of April 2007 (3.0.3 to 3.1) and of RELEASE-4.2.5.
 */
import type { XendEra } from "../../xend/era.ts";

/** One domain, as `xm list` shows it. */
export interface DomainRow {
  readonly name: string;
  readonly id: number;
  readonly memory: number;
  readonly vcpus: number;
  readonly state: string;
  /** Seconds. */
  readonly time: number;
}

/** One device's frontend directory: keys and values in its order. */
export interface DeviceRow {
  readonly index: string;
  readonly values: ReadonlyMap<string, string>;
}

export interface XmFormat {
  readonly listHead: string;
  listRow(row: DomainRow): string;
  /** Null: no head. It comes before the first device only. */
  readonly devicesHead: string | null;
  deviceRow(row: DeviceRow): string;
  started(name: string, domid: number): string;
  /** The sentence for a domain that is not there, behind "Error: ". */
  noDomain(word: string, subcommand: string): string;
  readonly noDomainCode: number;
  noSubcommand(word: string): string;
  noFile(word: string): string;
  /** A file of the current directory, as xm names it. */
  readonly here: string;
  noConnection(reason: string): string;
  /** xend's exceptions are followed by the subcommand's usage. */
  readonly faultShowsUsage: boolean;
  /** Words a vif of a configuration file may have. */
  readonly vifWords: readonly string[];
  badVifWord(word: string, vif: string): string;
  /** What stands behind the words of a vif without "=": nothing is said in 3.0, Python complains. */
  badVifPair(word: string): string;
  /** Words of `xm network-attach`; null: anything is taken. */
  readonly attachWords: readonly string[] | null;
  readonly attachMost: number;
  /** `xm network-detach` takes a MAC address too, and xm network-attach checks one. */
  readonly knowsMacs: boolean;
  readonly detachForces: boolean;
  /** What asks for help, and the exit code of an answer. */
  readonly helpWord: RegExp;
  readonly helpCode: number;
  /** A subcommand's usage is one line, also in the overview. */
  readonly isHelpBrief: boolean;
  /** A vif without any words is one of defaults, rather than a mistake. */
  readonly takesEmptyVif: boolean;
  readonly info: Readonly<Record<string, string | number | null>>;
}

const pad = (value: string | number, width: number): string => String(value).padStart(width);
const WORDS_3_0 = ["type", "mac", "be_mac", "bridge", "script", "backend", "ip", "vifname"];
const WORDS_3_1 = ["backend", "bridge", "ip", "mac", "script", "type", "vifname", "rate", "model"];
const ATTACH_3_1 = ["type", "mac", "bridge", "ip", "script", "backend", "vifname", "rate", "model"];

/** In xm's order; null takes what the host says. */
const HARDWARE = { nr_cpus: null, nr_nodes: 1, sockets_per_node: 1, cores_per_socket: null, threads_per_core: 1 };
const INFO_3_0 = {
  system: "Linux",
  host: null,
  release: null,
  version: null,
  machine: "x86_64",
  ...HARDWARE,
  cpu_mhz: 3000,
  hw_caps: null,
  total_memory: null,
  free_memory: null,
  xen_major: 3,
  xen_minor: 0,
  xen_extra: ".0",
  xen_caps: "xen-3.0-x86_64",
  platform_params: "virt_start=0xffff800000000000",
  xen_changeset: "unavailable",
  cc_compiler: "gcc version 4.0.2",
  cc_compile_by: "root",
  cc_compile_domain: "(none)",
  cc_compile_date: "unknown",
};
const { platform_params, xen_changeset, cc_compiler, cc_compile_by, cc_compile_domain, cc_compile_date, ...FIRST } =
  INFO_3_0;
const COMPILED = { cc_compiler, cc_compile_by, cc_compile_domain, cc_compile_date };
const INFO_3_1 = {
  ...FIRST,
  xen_minor: 1,
  xen_scheduler: "credit",
  xen_pagesize: 4096,
  platform_params,
  xen_changeset,
  ...COMPILED,
  xend_config_format: 3,
};
const { sockets_per_node: _sockets, system: _system, ...COMMON } = FIRST;
const INFO_4_2 = {
  ...COMMON,
  xen_major: 4,
  xen_minor: 2,
  xen_extra: ".5",
  xen_scheduler: "credit",
  xen_pagesize: 4096,
  platform_params,
  xen_changeset,
  xen_commandline: "placeholder",
  ...COMPILED,
  xend_config_format: 4,
};

/** An atom of an s-expression, or a quoted string. */
const atom = (text: string): string => (/^[\w.:/~-]+$/.test(text) ? text : `'${text}'`);

const XM_3_0: XmFormat = {
  listHead: "Name                              ID Mem(MiB) VCPUs State  Time(s)",
  listRow: ({ name, id, memory, vcpus, state, time }) =>
    `${name.padEnd(32)} ${pad(id, 3)} ${pad(memory, 8)} ${pad(vcpus, 5)} ${pad(state, 5)} ${pad(time.toFixed(1), 7)}`,
  devicesHead: null,
  deviceRow: ({ index, values }) =>
    `(${index} (${[...values].map(([key, value]) => `(${key} ${atom(value)})`).join(" ")}))`,
  started: (name) => `Started domain ${name}`,
  noDomain: (word, subcommand) => `Domain '${word}' not found when running 'xm ${subcommand}'`,
  noDomainCode: 1,
  noSubcommand: (word) => `Sub Command ${word} not found!`,
  noFile: (word) => `Cannot open config file "${word}"`,
  here: "",
  noConnection: (reason) => `Error connecting to xend: ${reason}.  Is xend running?`,
  faultShowsUsage: false,
  vifWords: WORDS_3_0,
  badVifWord: (_word, vif) => `Invalid vif specifier: ${vif}`,
  badVifPair: () => "need more than 1 value to unpack",
  attachWords: null,
  attachMost: 10_000,
  knowsMacs: false,
  detachForces: false,
  helpWord: /^-*help/,
  helpCode: 1,
  isHelpBrief: true,
  takesEmptyVif: false,
  info: INFO_3_0,
};

const XM_3_1: XmFormat = {
  ...XM_3_0,
  listHead: "Name                                      ID   Mem VCPUs      State   Time(s)",
  listRow: (row) => briefRow(row, 3),
  devicesHead: "Idx BE     MAC Addr.     handle state evt-ch tx-/rx-ring-ref BE-path",
  deviceRow,
  noDomain: (word) => `Domain '${word}' does not exist.`,
  noSubcommand: (word) => `Subcommand ${word} not found!`,
  noFile: (word) => `Unable to open config file: ${word}`,
  here: "./",
  noConnection: (reason) => `Unable to connect to xend: ${reason}. Is xend running?`,
  faultShowsUsage: true,
  vifWords: WORDS_3_1,
  badVifWord: (word) => `Invalid vif option: ${word}`,
  badVifPair: (word) => `${word} should be a pair, separated by an equals sign.`,
  attachWords: ATTACH_3_1,
  attachMost: 10,
  detachForces: true,
  helpWord: /^(help|--help|-h)$/,
  helpCode: 0,
  isHelpBrief: false,
  takesEmptyVif: true,
  info: INFO_3_1,
};

const XM_4_2: XmFormat = {
  ...XM_3_1,
  listHead: "Name                                        ID   Mem VCPUs      State   Time(s)",
  listRow: (row) => briefRow(row, 5),
  started: (name, domid) => `Started domain ${name} (id=${domid})`,
  noDomainCode: 3,
  vifWords: [...WORDS_3_1, "accel", "security_label"],
  attachWords: [...ATTACH_3_1, "accel"],
  attachMost: 11,
  knowsMacs: true,
  info: INFO_4_2,
};

function briefRow({ name, id, memory, vcpus, state, time }: DomainRow, idWidth: number): string {
  const numbers = `${pad(id, idWidth)} ${pad(memory, 5)} ${pad(vcpus, 5)}`;
  return `${name.padEnd(40)} ${numbers} ${pad(state, 10)} ${pad(time.toFixed(1), 8)}`;
}

function deviceRow({ index, values }: DeviceRow): string {
  const left = (key: string, width: number, missing = "-1"): string => (values.get(key) ?? missing).padEnd(width);
  const references = `${left("tx-ring-ref", 5)}/${left("rx-ring-ref", 5)}`;
  const numbers = `${left("handle", 3, "0")}   ${left("state", 3)}    ${left("event-channel", 3)}   ${references}`;
  const ends = `${index.padEnd(3)} ${left("backend-id", 3)}${left("mac", 17, "??")}`;
  return `${ends}    ${numbers}   ${left("backend", 30, "??")}  `;
}

export const FORMATS: Readonly<Record<XendEra["name"], XmFormat>> = { "3.0": XM_3_0, "3.1": XM_3_1, "4.2": XM_4_2 };
