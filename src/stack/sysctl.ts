/**
 * `/proc/sys` and sysctl(8) of a namespace: names and text on top of `Settings`. Paths are written with slashes, because
 * a device name may hold a dot: "net/ipv4/conf/vif1.0/proxy_arp". Follows procps' slashdot for the other spelling.
 * Not modelled: ranges of values, write permissions.
 */
import type { DeviceTable } from "../device/device-table.ts";
import { type Refusal, refuse } from "./errno.ts";
import type { DeviceSettings, Settings } from "./settings.ts";

type Numbers = Record<string, number>;

/** "net.ipv4.conf.vif1/0.proxy_arp" and "net/ipv4/conf/vif1.0/proxy_arp" name the same file. */
export function sysctlPath(name: string): string {
  const first = /[./]/.exec(name)?.[0];
  if (first !== ".") return name;
  return [...name].map((letter) => (letter === "." ? "/" : letter === "/" ? "." : letter)).join("");
}

const CONF = "net/ipv4/conf/";
/** As long as the other. */
const CONF6 = "net/ipv6/conf/";
const NEIGHBOUR = "net/ipv4/neigh/";

export class Sysctls {
  private readonly settings: Settings;
  private readonly table: DeviceTable;
  /** Directories of plain numbers, by path with a slash at the end. */
  private readonly groups = new Map<string, Numbers>();
  /** Files of several numbers. */
  private readonly vectors = new Map<string, number[]>();
  /** Files that are other files by an older name. */
  private readonly aliases = new Map<string, string>();

  constructor(settings: Settings, table: DeviceTable) {
    this.settings = settings;
    this.table = table;
    this.addGroup("net/ipv4/", settings.ipv4);
    this.addGroup("net/ipv4/route/", settings.route);
    this.addGroup("net/core/", settings.core);
    this.vectors.set("net/ipv4/ip_local_port_range", settings.localPorts);
    this.vectors.set("net/ipv4/ping_group_range", settings.pingGroups);
  }

  /** For other parts of the machine (net/bridge/, net/netfilter/): a directory whose numbers they read themselves. */
  addGroup(directory: string, values: Numbers): void {
    this.groups.set(directory, values);
  }

  addAlias(path: string, of: string): void {
    this.aliases.set(path, of);
  }

  /** The text of the file, without line end; null when there is no such file. */
  get(path: string): string | null {
    const vector = this.vectors.get(path);
    if (vector !== undefined) return vector.join("\t");
    const place = this.place(path);
    return place === null ? null : String(place.values[place.key]);
  }

  /** Null when written. ENOENT: no such file; EINVAL: not as many integers as the file holds. */
  set(path: string, text: string): Refusal | null {
    const words = text.trim().split(/\s+/);
    if (!words.every((word) => /^-?\d{1,10}$/.test(word))) return refuse("EINVAL");
    const numbers = words.map(Number);
    const vector = this.vectors.get(path);
    if (vector !== undefined) return this.setVector(vector, numbers);
    const place = this.place(path);
    if (place === null) return refuse("ENOENT");
    if (numbers.length !== 1) return refuse("EINVAL");
    this.write(path, place.values, place.key, numbers[0]!);
    return null;
  }

  /** All files with their texts, in the order of `sysctl -a`. */
  list(): { readonly path: string; readonly value: string }[] {
    const paths = [...this.vectors.keys(), ...this.aliases.keys()];
    for (const [directory, values] of this.directories())
      for (const key of Object.keys(values)) paths.push(directory + key);
    return paths.sort(byCodeUnits).map((path) => ({ path, value: this.get(path)! }));
  }

  private setVector(vector: number[], numbers: number[]): Refusal | null {
    if (numbers.length !== vector.length) return refuse("EINVAL");
    for (let i = 0; i < vector.length; i++) vector[i] = numbers[i]!;
    return null;
  }

  private place(name: string): { values: Numbers; key: string } | null {
    const path = this.aliases.get(name) ?? name;
    const cut = path.lastIndexOf("/") + 1;
    const key = path.slice(cut);
    if (path === `${NEIGHBOUR}default/${key}` && key in this.settings.neighbourTable) {
      return { values: this.settings.neighbourTable, key };
    }
    const values = this.directory(path.slice(0, cut));
    return values !== null && Object.hasOwn(values, key) ? { values, key } : null;
  }

  private directory(path: string): Numbers | null {
    const group = this.groups.get(path);
    if (group !== undefined) return group;
    if (path === `${CONF}all/`) return this.settings.all;
    if (path === `${CONF6}all/`) return this.settings.all6;
    if (path.startsWith(CONF6)) return this.ofDevice(this.settings.conf6, path.slice(CONF6.length, -1));
    if (path.startsWith(CONF)) return this.ofDevice(this.settings.conf, path.slice(CONF.length, -1));
    if (path.startsWith(NEIGHBOUR)) return this.ofDevice(this.settings.neighbour, path.slice(NEIGHBOUR.length, -1));
    return null;
  }

  private ofDevice<Values extends Numbers>(settings: DeviceSettings<Values>, name: string): Numbers | null {
    if (name === "default") return settings.defaults;
    const device = this.table.find(name);
    return device === null ? null : settings.of(device.index);
  }

  private write(path: string, values: Numbers, key: string, value: number): void {
    const { settings } = this;
    const isConf = path.startsWith(CONF) || path.startsWith(CONF6);
    const device = this.table.find(path.slice(isConf ? CONF.length : NEIGHBOUR.length, -key.length - 1));
    // devinet_sysctl_forward: what is as it was changes nothing, of the devices either.
    if (this.isForwarding(values, key)) {
      if (settings.ipv4.ip_forward !== value) settings.setForwarding(value);
    } else if (values === settings.conf.defaults && key !== "forwarding") settings.conf.setDefault(key as never, value);
    else if (values === settings.all6 && (key === "forwarding" || key === "disable_ipv6")) settings.set6(key, value);
    else if (values === settings.neighbour.defaults) settings.neighbour.setDefault(key as never, value);
    else if (path.startsWith(CONF) && device !== null) settings.conf.set(device.index, key as never, value);
    else if (path.startsWith(CONF6) && device !== null) settings.conf6.set(device.index, key as never, value);
    else if (path.startsWith(NEIGHBOUR) && device !== null) settings.neighbour.set(device.index, key as never, value);
    else values[key] = value;
  }

  private isForwarding(values: Numbers, key: string): boolean {
    const { ipv4, all } = this.settings;
    return (values === ipv4 && key === "ip_forward") || (values === all && key === "forwarding");
  }

  private directories(): [string, Numbers][] {
    const { settings } = this;
    const found: [string, Numbers][] = [
      ...this.groups,
      [`${CONF}all/`, settings.all],
      [`${CONF}default/`, settings.conf.defaults],
      [`${CONF6}all/`, settings.all6],
      [`${CONF6}default/`, settings.conf6.defaults],
      [`${NEIGHBOUR}default/`, settings.neighbour.defaults],
      [`${NEIGHBOUR}default/`, settings.neighbourTable],
    ];
    for (const device of this.table.devices) {
      found.push([`${CONF}${device.name}/`, settings.conf.of(device.index)]);
      found.push([`${CONF6}${device.name}/`, settings.conf6.of(device.index)]);
      found.push([`${NEIGHBOUR}${device.name}/`, settings.neighbour.of(device.index)]);
    }
    return found;
  }
}

const byCodeUnits = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
