/**
 * A guest's network device as libxl sees it: defaults filled in, and what it writes about it into xenstore.
 * Follows libxl_nic.c and libxl__device_generic_add of libxl_device.c, Xen 4.17; order and owners as recorded.
 * Not modelled: driver domains (`backend=`), emulated NICs.
 */
import type { Random } from "../../engine/random.ts";
import { formatMac, type Mac, parseMac } from "../../packet/address.ts";
import { formatXenstoreRate } from "../../xen/rate.ts";
import { DEFAULT_BRIDGE, type VifConfig } from "../../xen/vif-config.ts";
import { backendPath, frontendPath, XenbusState } from "../../xen/xenbus.ts";
import type { XenStore } from "../../xen/xenstore.ts";
import { randomMac } from "../identity.ts";
import { guestOwns, hostOwns, type StoreNode, toolstackOnly } from "./store-nodes.ts";

/** LIBXL_DEVICE_NIC_MTU_DEFAULT */
const DEFAULT_MTU = 1500;
const SCRIPT_DIRECTORY = "/etc/xen/scripts";

/** Which device: all that is needed to take one away. */
export class Nic {
  readonly domid: number;
  readonly devid: number;
  readonly mac: Mac;
  /** Absolute. */
  readonly script: string;

  constructor(domid: number, devid: number, mac: Mac, script: string) {
    this.domid = domid;
    this.devid = devid;
    this.mac = mac;
    this.script = script;
  }

  get vif(): string {
    return `vif${this.domid}.${this.devid}`;
  }

  get frontend(): string {
    return frontendPath(this.domid, this.devid);
  }

  get backend(): string {
    return backendPath(0, this.domid, this.devid);
  }

  /** The toolstack's own copy, which no guest and no driver touches. */
  get copy(): string {
    return `/libxl/${this.domid}/device/vif/${this.devid}`;
  }
}

/** A device to be made. `config.mac` and the number were made up where the configuration had none. */
export interface NewNic {
  readonly nic: Nic;
  readonly config: VifConfig;
}

/** libxl__abs_path */
const absolute = (script: string): string => (script.startsWith("/") ? script : `${SCRIPT_DIRECTORY}/${script}`);

/** `script` is the host's own, for a vif that names none. */
export function newNic(config: VifConfig, domid: number, devid: number, script: string, random: Random): NewNic {
  const mac = config.mac ?? randomMac(random);
  return { nic: new Nic(domid, devid, mac, absolute(config.script ?? script)), config };
}

/** The devices libxl has made for a domain, in its order. */
export function nicsOf(store: XenStore, domid: number): Nic[] {
  return (store.list(`/libxl/${domid}/device/vif`) ?? []).map((name) => {
    const copy = `/libxl/${domid}/device/vif/${name}`;
    const [mac, script] = store.readEach(copy, ["mac", "script"]);
    return new Nic(domid, Number(name), parseMac(mac ?? "") ?? (0 as Mac), script ?? absolute("vif-bridge"));
  });
}

/** libxl__device_nextid */
export function nextDevid(store: XenStore, domid: number): number {
  const last = store.list(`/libxl/${domid}/device/vif`)?.at(-1);
  return last === undefined ? 0 : Number(last) + 1;
}

/** All of one transaction: the copy, the frontend, the backend. */
export function nicNodes({ nic, config }: NewNic): StoreNode[] {
  const entries = backendEntries(nic, config);
  return [
    ...[["frontend", nic.frontend] as const, ["backend", nic.backend] as const, ...entries].map((entry) =>
      toolstackOnly(`${nic.copy}/${entry[0]}`, entry[1]),
    ),
    ...frontendNodes(nic, config),
    hostOwns(nic.domid, nic.backend, ""),
    hostOwns(nic.domid, `${nic.backend}/frontend`, nic.frontend),
    ...entries.map((entry) => hostOwns(nic.domid, `${nic.backend}/${entry[0]}`, entry[1])),
  ];
}

function frontendNodes(nic: Nic, config: VifConfig): StoreNode[] {
  const own = (key: string, value: string): StoreNode => guestOwns(nic.domid, `${nic.frontend}/${key}`, value);
  return [
    guestOwns(nic.domid, nic.frontend, ""),
    own("backend", nic.backend),
    own("backend-id", "0"),
    own("state", String(XenbusState.INITIALISING)),
    own("handle", String(nic.devid)),
    own("mac", formatMac(nic.mac)),
    own("trusted", config.trusted ? "1" : "0"),
    hostOwns(nic.domid, `${nic.frontend}/mtu`, String(config.mtu ?? DEFAULT_MTU)),
  ];
}

type Entry = readonly [string, string];

/** libxl__set_xenstore_nic: the list called `back`. */
function backendEntries(nic: Nic, config: VifConfig): Entry[] {
  const optional = (key: string, value: string | null): Entry[] => (value === null ? [] : [[key, value]]);
  const mtu = config.mtu === null || config.mtu === DEFAULT_MTU ? null : String(config.mtu);
  return [
    ["frontend-id", String(nic.domid)],
    ["online", "1"],
    ["state", String(XenbusState.INITIALISING)],
    ["script", nic.script],
    ...optional("vifname", config.vifname),
    ["mac", formatMac(nic.mac)],
    ...optional("ip", config.ip.length === 0 ? null : config.ip.join(" ")),
    ...optional("gatewaydev", config.gatewaydev),
    ...optional("rate", config.rate === null ? null : formatXenstoreRate(config.rate)),
    ...optional("mtu", mtu),
    ["bridge", config.bridge ?? DEFAULT_BRIDGE],
    ["handle", String(nic.devid)],
    ["type", "vif"],
    ["hotplug-status", ""],
  ];
}
