/**
 * A domain's network device as xend makes and closes it: netif.py and DevController.py (createDevice, destroyDevice).
 * Not modelled: driver domains (`backend=`): whoever reads a configuration refuses them.
 */
import { formatMac } from "../../packet/address.ts";
import { backendPath, frontendPath, XenbusState } from "../../xen/xenbus.ts";
import { xendRate } from "../../xen/xend-rate.ts";
import { randomMac, randomUuid } from "../identity.ts";
import { guestOwns, hostOwns, type StoreNode, toolstackOnly } from "../libxl/store-nodes.ts";
import type { ManagedDomain } from "./managed-domain.ts";
import type { VifSettings } from "./settings.ts";

const SCRIPT_DIRECTORY = "/etc/xen/scripts";

/** The device's number (null: this type gives none), or xend's sentence. */
export interface MadeVif {
  readonly devid: number | null;
  readonly error: string | null;
}

export function createVif(domain: ManagedDomain, given: VifSettings): MadeVif {
  const { era, random } = domain.xend;
  if (era.skipsEmulated && given.get("type") === "ioemu") return { devid: null, error: null };
  const devid = allocateDevid(domain);
  if (domain.devids.includes(devid)) return { devid, error: `Device ${devid} (vif) is already connected.` };
  const settings = new Map(given);
  if (!settings.has("mac")) settings.set("mac", formatMac(randomMac(random)));
  domain.vifs.set(devid, era.keepsMac ? settings : given);
  const device = new Map([...settings, ["uuid", settings.get("uuid") ?? randomUuid(random)]]);
  if (!device.has("type") && era.vifType !== null) device.set("type", era.vifType);
  if (!device.has("script")) device.set("script", domain.xend.vifScript);
  writeVif(domain, devid, device);
  return { devid, error: null };
}

/** allocateDeviceID: numbers only grow. */
function allocateDevid(domain: ManagedDomain): number {
  const { store } = domain.xend;
  const next = `${domain.path}/device-misc/vif/nextDeviceID`;
  const devid = store.readNumber(next) ?? 0;
  store.write(next, String(devid + 1));
  return devid;
}

function writeVif(domain: ManagedDomain, devid: number, device: VifSettings): void {
  const { era, store } = domain.xend;
  const { id, name } = domain.domain;
  const frontend = frontendPath(id, devid);
  const backend = backendPath(0, id, devid);
  const own = vmDevicePath(domain, devid);
  const places = { frontend, "frontend-id": String(id), backend, "backend-id": "0" };
  const ends = { ...places, state: String(XenbusState.INITIALISING), handle: String(devid), protocol: "x86_64-abi" };
  const script = absolute(device.get("script")!);
  const rate = device.get("rate");
  const back = new Map([...device, ...Object.entries({ ...ends, domain: name, online: "1", script })]);
  if (rate !== undefined) back.set("rate", xendRate(rate));
  // QEMU would serve an emulated NIC: netfront gets no address to work with.
  const front = new Map(device.get("type") === "ioemu" ? [] : [["mac", device.get("mac")!]]);
  for (const [key, value] of Object.entries(ends)) if (key !== "handle" || front.has("mac")) front.set(key, value);
  const inVm = new Map([...device, ...Object.entries(places)]);

  for (const path of [frontend, backend, ...(era.devicesInVm ? [own] : [])]) store.remove(path);
  if (!era.devicesInVm) for (const node of chosen(era.vmKeys, inVm)) store.write(`${own}/${node.key}`, node.value);
  const nodes: StoreNode[] = [
    hostOwns(id, backend, ""),
    guestOwns(id, frontend, ""),
    ...chosen(era.frontendKeys, front).map(({ key, value }) => guestOwns(id, `${frontend}/${key}`, value)),
    ...chosen(era.backendKeys, back).map(({ key, value }) => hostOwns(id, `${backend}/${key}`, value)),
  ];
  if (era.devicesInVm) {
    nodes.push(toolstackOnly(own, ""));
    nodes.push(...chosen(era.vmKeys, inVm).map(({ key, value }) => toolstackOnly(`${own}/${key}`, value)));
  }
  store.writeAll(nodes);
}

/** What of `values` an era writes, in its order. */
const chosen = (keys: readonly string[], values: VifSettings): readonly { key: string; value: string }[] =>
  keys.flatMap((key) => (values.has(key) ? [{ key, value: values.get(key)! }] : []));

/** os.path.join */
const absolute = (script: string): string => (script.startsWith("/") ? script : `${SCRIPT_DIRECTORY}/${script}`);

export const vmDevicePath = (domain: ManagedDomain, devid: number): string => `${domain.vm}/device/vif/${devid}`;

/** Where xend looks a device's backend up; null when it is not there. */
export function backendOf(domain: ManagedDomain, devid: number): string | null {
  const { era, store } = domain.xend;
  const path = era.devicesInVm ? vmDevicePath(domain, devid) : frontendPath(domain.domain.id, devid);
  return store.read(`${path}/backend`);
}

/** Tells the backend to close; with force both directories go at once. Null, or xend's sentence. */
export function closeVif(domain: ManagedDomain, devid: number, force: boolean): string | null {
  const { era, store } = domain.xend;
  const backend = backendOf(domain, devid);
  if (backend === null) return `Device ${devid} not connected`;
  if (era.backendKeys.includes("online")) store.write(`${backend}/online`, "0");
  store.write(`${backend}/state`, String(XenbusState.CLOSING));
  if (force) for (const path of [backend, frontendPath(domain.domain.id, devid)]) store.remove(path);
  if (force || !era.devicesInVm) store.remove(vmDevicePath(domain, devid));
  return null;
}
