/**
 * Where ping sends and from where, found before anything is printed: the name, then the route, as a UDP socket that is
 * connected on trial. Follows ping4_run of ping.c, iputils 20221126.
 */
import type { NetDevice } from "../../../device/device.ts";
import { ANY_IPV4, formatIpv4, type Ipv4, isMulticast } from "../../../packet/address.ts";
import { ERRNO_TEXT } from "../../../stack/errno.ts";
import { type OutputRoute, routeOutput } from "../../../stack/route-output.ts";
import { RouteType } from "../../../stack/route-table.ts";
import type { Process } from "../../process.ts";
import { Quit } from "../quit.ts";
import { addressOf, failureOf, parseNumericHost } from "../resolve.ts";
import type { PingSettings } from "./settings.ts";

export interface PingTarget {
  /** As the first line names it. */
  readonly hostname: string;
  readonly destination: Ipv4;
  readonly source: Ipv4;
  readonly device: NetDevice | null;
  /** Given by number: addresses are not turned into names. */
  readonly isNumeric: boolean;
}

/** Throws `Quit`. */
export function findTarget(process: Process, settings: PingSettings, operands: readonly string[]): PingTarget {
  if (operands.length > 1) throw new Quit("source routes are not modelled", 2);
  const name = operands[0]!;
  const { hostname, address, isNumeric } = findHost(process, settings, name);
  const device = findDevice(process, settings);
  const source = settings.source ?? probe(process, settings, address, device);
  return { hostname, destination: address === ANY_IPV4 ? source : address, source, device, isNumeric };
}

function findHost(process: Process, settings: PingSettings, name: string) {
  const numeric = parseNumericHost(name);
  if (settings.verbose) sayFamilies(process);
  if (numeric !== null) {
    if (settings.verbose) sayCanonical(process, formatIpv4(numeric));
    return { hostname: name, address: numeric, isNumeric: true };
  }
  if (name.includes(":")) throw new Quit(`${name}: Address family for hostname not supported`, 2);
  const found = addressOf(process.machine, name);
  if (found === null) throw new Quit(`${name}: ${failureOf(process.machine, name)}`, 2);
  if (settings.verbose) sayCanonical(process, found.canonical);
  return { hostname: found.canonical, address: found.address, isNumeric: false };
}

function sayFamilies(process: Process): void {
  const sockets = "sock4.fd: 3 (socktype: SOCK_RAW), sock6.fd: 4 (socktype: SOCK_RAW)";
  process.error(`${process.name}: ${sockets}, hints.ai_family: AF_UNSPEC\n\n`);
}

const sayCanonical = (process: Process, name: string): void =>
  process.print(`ai->ai_family: AF_INET, ai->ai_canonname: '${name}'\n`);

function findDevice(process: Process, { device: name }: PingSettings): NetDevice | null {
  if (name === null) return null;
  const device = process.machine.table.find(name);
  if (device === null) throw new Quit(`SO_BINDTODEVICE ${name}: ${ERRNO_TEXT.ENODEV}`, 2);
  return device;
}

/** The source address that the route would choose. */
function probe(process: Process, settings: PingSettings, to: Ipv4, device: NetDevice | null): Ipv4 {
  const route = connect(process, settings, to, device);
  const isElsewhere =
    device !== null && process.machine.net.addresses.of(device).every(({ address }) => address !== route.source);
  if (isElsewhere) {
    const what = "Warning: source address might be selected on device other than";
    process.error(`${process.name}: ${what}: ${device.name}\n`);
  }
  return route.source;
}

/** A broadcast address, and a route that says "prohibit", both answer EACCES. */
function connect(process: Process, settings: PingSettings, to: Ipv4, device: NetDevice | null): OutputRoute {
  const { net } = process.machine;
  const route = routeOutput(net, to, ANY_IPV4, device);
  if ("errno" in route && route.errno === "ENETUNREACH") net.snmp.ip.outNoRoutes++;
  const errno = "errno" in route ? route.errno : route.type === RouteType.BROADCAST ? "EACCES" : null;
  if (errno === "EACCES") {
    if (!settings.broadcast) {
      const question = "Do you want to ping broadcast? Then -b. If not, check your local firewall rules";
      throw new Quit(question, 2);
    }
    process.error("WARNING: pinging broadcast address\n");
  }
  if ("errno" in route) throw new Quit(`connect: ${ERRNO_TEXT[route.errno]}`, 2);
  return route;
}

/** Replies may come from anybody, and packets are not to be cut. */
export const isToMany = (settings: PingSettings, target: PingTarget): boolean =>
  settings.broadcast || isMulticast(target.destination);
