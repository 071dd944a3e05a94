/**
 * What libxl writes about a domain: libxl__domain_make (libxl_create.c), libxl__build_post (libxl_dom.c) and
 * libxl__device_console_add (libxl_console.c) of Xen 4.17, in the order in which a real host's watches fired.
 */
import { XenbusState } from "../../xen/xenbus.ts";
import type { DomainConfig } from "./domain-config.ts";
import { guestOnly, guestOwns, hostOwns, type StoreNode, toolstackOnly } from "./store-nodes.ts";

/** Machine frames of the shared pages; the numbers mean nothing here, but each domain has its own. */
const FIRST_FRAME = 0x10_0000;
export const STORE_PORT = 1;
export const CONSOLE_PORT = 2;
/** LIBXL_XENCONSOLE_LIMIT */
export const CONSOLE_LIMIT = 1_048_576;

/** Nodes the guest itself may write, empty at first. */
const GUEST_CONTROLS = ["shutdown", "feature-poweroff", "feature-reboot", "feature-suspend", "sysrq"];
const GUEST_DIRECTORIES = ["data", "drivers", "feature", "attr", "error"];
const PLATFORM_FEATURES = ["multiprocessor-suspend", "xs_reset_watches"];

export const domainPath = (domid: number): string => `/local/domain/${domid}`;
export const libxlPath = (domid: number): string => `/libxl/${domid}`;
export const vmPath = (uuid: string): string => `/vm/${uuid}`;

/** The first transaction. */
export function domainNodes(domid: number, config: DomainConfig): StoreNode[] {
  const dom = domainPath(domid);
  const vm = vmPath(config.uuid);
  const host = (path: string, value = ""): StoreNode => hostOwns(domid, path, value);
  const guest = (path: string): StoreNode => guestOnly(domid, path, "");
  return [
    host(dom),
    host(vm),
    toolstackOnly(libxlPath(domid), ""),
    toolstackOnly(`${libxlPath(domid)}/device`, ""),
    host(`${dom}/vm`, vm),
    host(`${vm}/name`, config.name),
    host(`${dom}/name`, config.name),
    host(`${dom}/cpu`),
    host(`${dom}/memory`),
    host(`${dom}/device`),
    guest(`${dom}/device/suspend/event-channel`),
    host(`${dom}/control`),
    ...GUEST_CONTROLS.map((name) => guest(`${dom}/control/${name}`)),
    ...GUEST_DIRECTORIES.map((name) => guest(`${dom}/${name}`)),
    host(`${vm}/uuid`, config.uuid),
    ...PLATFORM_FEATURES.map((name) => host(`${dom}/control/platform-feature-${name}`, "1")),
    toolstackOnly(`${libxlPath(domid)}/type`, config.type),
  ];
}

/** The second one: the domain is built. `startTime` in seconds since 1970, with two decimals. */
export function builtNodes(domid: number, config: DomainConfig, startTime: string): StoreNode[] {
  const dom = domainPath(domid);
  const local: readonly (readonly [string, string])[] = [
    ["memory/static-max", String(config.maxMemory * 1024)],
    ["memory/target", String(config.memory * 1024)],
    ["memory/videoram", "0"],
    ["domid", String(domid)],
    ["store/port", String(STORE_PORT)],
    ["store/ring-ref", String(frameOf(domid))],
    ...Array.from(
      { length: config.maxVcpus },
      (_, i) => [`cpu/${i}/availability`, i < config.vcpus ? "online" : "offline"] as const,
    ),
  ];
  const vm = imageEntries(config, startTime);
  return [
    ...local.map((entry) => hostOwns(domid, `${dom}/${entry[0]}`, entry[1])),
    ...vm.map((entry) => hostOwns(domid, `${vmPath(config.uuid)}/${entry[0]}`, entry[1])),
  ];
}

function imageEntries(config: DomainConfig, startTime: string): (readonly [string, string])[] {
  if (config.type === "pvh") return [["start_time", startTime]];
  return [
    ["image/ostype", "linux"],
    ["image/kernel", config.kernel],
    ["start_time", startTime],
    ...(config.ramdisk === null ? [] : [["image/ramdisk", config.ramdisk] as const]),
    ...(config.cmdline === null ? [] : [["image/cmdline", config.cmdline] as const]),
  ];
}

/** The primary console, which xenconsoled serves: its frontend is the guest's to read only. */
export function consoleNodes(domid: number): StoreNode[] {
  const frontend = `${domainPath(domid)}/console`;
  const backend = consoleBackend(domid);
  const copy = `${libxlPath(domid)}/device/console/0`;
  const entries: readonly (readonly [string, string])[] = [
    ["frontend-id", String(domid)],
    ["online", "1"],
    ["state", String(XenbusState.INITIALISING)],
    ["protocol", "vt100"],
  ];
  const readOnly: readonly (readonly [string, string])[] = [
    ["limit", String(CONSOLE_LIMIT)],
    ["type", "xenconsoled"],
    ["output", "pty"],
    ["tty", ""],
    ["port", String(CONSOLE_PORT)],
    ["ring-ref", String(frameOf(domid) + 1)],
  ];
  return [
    toolstackOnly(`${copy}/frontend`, frontend),
    toolstackOnly(`${copy}/backend`, backend),
    ...entries.map((entry) => toolstackOnly(`${copy}/${entry[0]}`, entry[1])),
    hostOwns(domid, frontend, ""),
    hostOwns(domid, `${frontend}/backend`, backend),
    guestOwns(domid, `${frontend}/backend-id`, "0"),
    ...readOnly.map((entry) => hostOwns(domid, `${frontend}/${entry[0]}`, entry[1])),
    hostOwns(domid, backend, ""),
    hostOwns(domid, `${backend}/frontend`, frontend),
    ...entries.map((entry) => hostOwns(domid, `${backend}/${entry[0]}`, entry[1])),
  ];
}

export const consoleBackend = (domid: number): string => `${domainPath(0)}/backend/console/${domid}/0`;

/** The store's page; the console's is the next one. */
export const frameOf = (domid: number): number => FIRST_FRAME + domid * 2;
