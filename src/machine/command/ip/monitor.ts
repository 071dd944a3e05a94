/**
 * `ip monitor`: prints what changes in the namespace until it is killed. Follows iproute2 6.1's ip/ipmonitor.c.
 * Not modelled: rules, next hops, multicast routes, netconf and statistics, which never change here, and reading a file.
 */
import type { DeviceChange, DeviceWatcher, NetDevice } from "../../../device/device.ts";
import type { IfAddress } from "../../../stack/addresses.ts";
import type { NamespaceWatcher } from "../../../stack/namespace.ts";
import type { Neighbour } from "../../../stack/neighbour.ts";
import type { Route } from "../../../stack/route-table.ts";
import { formatDate } from "../../calendar.ts";
import { Program } from "../../process.ts";
import { addressText } from "./addr-print.ts";
import { linkText } from "./link-print.ts";
import { neighbourText } from "./neigh-print.ts";
import { routeText } from "./route-print.ts";
import { type IpOptions, type IpRun, masterDevice } from "./run.ts";
import { abbreviates, abbreviatesAny, Misuse, notModelled } from "./words.ts";

const USAGE = `Usage: ip monitor [ all | OBJECTS ] [ label ] [ dev DEVICE ]
OBJECTS :=  address | link | neigh | route`;

type Subject = "link" | "address" | "route" | "neigh";
const SUBJECTS: readonly Subject[] = ["link", "address", "route", "neigh"];
const LABELS = { link: "[LINK]", address: "[ADDR]", route: "[ROUTE]", neigh: "[NEIGH]" } as const;

interface Wishes {
  readonly subjects: Subject[];
  labels: boolean;
  device: NetDevice | null;
}

export function ipMonitor(run: IpRun): Program {
  const { words, options } = run;
  if (options.json) throw notModelled("monitor with -j");
  const wishes: Wishes = { subjects: [], labels: false, device: null };
  while (words.more) readWord(run, wishes, words.take());
  if (wishes.subjects.length === 0) wishes.subjects.push(...SUBJECTS);
  return new Monitor(options, wishes);
}

function readWord(run: IpRun, wishes: Wishes, word: string): void {
  const subject = SUBJECTS.find((each) => abbreviates(word, each));
  if (abbreviates(word, "file")) throw notModelled("monitor file");
  if (word === "label" || abbreviates(word, "label")) wishes.labels = true;
  else if (word === "all") wishes.labels = true;
  else if (subject !== undefined) wishes.subjects.push(subject);
  else if (word === "dev") wishes.device = masterDevice(run, run.words.take());
  else if (abbreviates(word, "help")) throw new Misuse(USAGE);
  else if (
    word === "stats" ||
    abbreviatesAny(word, "mroute", "prefix", "netconf", "rule", "nsid", "nexthop", "all-nsid")
  ) {
    throw notModelled(`monitor ${word}`);
  } else throw new Misuse(`Argument "${word}" is unknown, try "ip monitor help".`);
}

class Monitor extends Program implements DeviceWatcher, NamespaceWatcher {
  private readonly options: IpOptions;
  private readonly wishes: Wishes;

  constructor(options: IpOptions, wishes: Wishes) {
    super();
    this.options = options;
    this.wishes = wishes;
  }

  start(): void {
    const { table, net } = this.process.machine;
    table.watchers.add(this);
    net.watchers.add(this);
  }

  override ended(): void {
    const { table, net } = this.process.machine;
    table.watchers.remove(this);
    net.watchers.remove(this);
  }

  deviceChanged(device: NetDevice, change: DeviceChange): void {
    if (change === "notify-peers" || change === "fake-arp") return;
    this.tell("link", device, linkText(device, this.options, "monitor"), change === "unregistered");
  }

  addressChanged(address: IfAddress, change: "added" | "removed"): void {
    this.tell("address", address.device, addressText(address, this.options, true), change === "removed");
  }

  routeChanged(route: Route, change: "added" | "removed"): void {
    this.tell("route", route.device, routeText(route, this.options), change === "removed");
  }

  neighbourChanged(entry: Neighbour, change: "changed" | "removed"): void {
    this.tell(
      "neigh",
      entry.device,
      neighbourText(entry, this.options, this.wishes.device === null),
      change === "removed",
    );
  }

  private tell(subject: Subject, device: NetDevice | null, text: string, isGone: boolean): void {
    const { subjects, labels, device: wanted } = this.wishes;
    if (!subjects.includes(subject) || (wanted !== null && wanted !== device)) return;
    this.process.print(`${this.stamp()}${labels ? LABELS[subject] : ""}${isGone ? "Deleted " : ""}${text}`);
  }

  /** print_timestamp: -t a line of its own, -ts in front. */
  private stamp(): string {
    if (this.options.timestamps === "none") return "";
    const { machine } = this.process;
    const { now } = machine.world.scheduler;
    const seconds = machine.epoch + Math.floor(now / 1e9);
    const micros = String(Math.floor((now % 1e9) / 1e3));
    if (this.options.timestamps === "short")
      return `[${formatDate("%Y-%m-%dT%H:%M:%S", seconds)}.${micros.padStart(6, "0")}] `;
    return `Timestamp: ${formatDate("%a %b %e %H:%M:%S %Y", seconds)} ${micros} usec\n`;
  }
}
