/** arping(8) of iputils 20221126: its options, and the device and address it speaks from. */
import type { NetDevice } from "../../device/device.ts";
import { ANY_IPV4, formatIpv4, type Ipv4 } from "../../packet/address.ts";
import { ERRNO_TEXT } from "../../stack/errno.ts";
import { routeOutput } from "../../stack/route-output.ts";
import { RouteType } from "../../stack/route-table.ts";
import type { Command } from "../command.ts";
import type { Process } from "../process.ts";
import { Arping } from "../program/arping.ts";
import { MOST, readNumber } from "../program/iputils.ts";
import { Quit, untilQuit } from "../program/quit.ts";
import { addressOf, failureOf, parseNumericHost } from "../program/resolve.ts";
import { readShortOptions, type ShortOption } from "../short-options.ts";

const USAGE = `
Usage:
  arping [options] <destination>

Options:
  -f            quit on first reply
  -q            be quiet
  -b            keep on broadcasting, do not unicast
  -D            duplicate address detection mode
  -U            unsolicited ARP mode, update your neighbours
  -A            ARP answer mode, update your neighbours
  -V            print version and exit
  -c <count>    how many packets to send
  -w <timeout>  how long to wait for a reply
  -i <interval> set interval between packets (default: 1 second)
  -I <device>   which ethernet device to use
  -s <source>   source ip address
  <destination> dns name or ip address

For more details see arping(8).
`;

const VERSION = `arping from iputils 20221126
libcap: yes, IDN: yes, NLS: no, error.h: yes, getrandom(): yes, __fpending(): yes
`;

export const arping: Command = {
  name: "arping",
  summary: "Send ARP REQUEST to a neighbour host.",
  usage: "arping [options] <destination>",
  options: [
    { flag: "-f", text: "quit on first reply" },
    { flag: "-q", text: "be quiet" },
    { flag: "-b", text: "keep on broadcasting, do not unicast" },
    { flag: "-D", text: "duplicate address detection mode" },
    { flag: "-U", text: "unsolicited ARP mode, update your neighbours" },
    { flag: "-A", text: "ARP answer mode, update your neighbours" },
    { flag: "-c <count>", text: "how many packets to send" },
    { flag: "-w <timeout>", text: "how long to wait for a reply" },
    { flag: "-i <interval>", text: "set interval between packets (default: 1 second)" },
    { flag: "-I <device>", text: "which ethernet device to use" },
    { flag: "-s <source>", text: "source IP address" },
  ],
  operands: ["machine"],
  start: (process) => untilQuit(process, () => start(process)),
};

interface Wishes {
  count: number | null;
  timeout: number;
  interval: number;
  device: string | null;
  source: string | null;
  readonly flags: Set<string>;
}

function start(process: Process): Arping {
  const { given, operands, problem } = readShortOptions(process.argv.slice(1), "h?bfDUAqc:w:i:s:I:V");
  const wishes: Wishes = { count: null, timeout: 0, interval: 1, device: null, source: null, flags: new Set() };
  for (const option of given) read(process, wishes, option);
  if (problem !== null) process.error(`${process.name}: ${problem}\n`);
  const [name, ...more] = operands;
  if (problem !== null || name === undefined || more.length > 0) throw usage(process);
  const destination = findHost(process, name);
  const { flags, count, timeout, interval } = wishes;
  const duplicateDetection = flags.has("D");
  const unsolicited = flags.has("U") || flags.has("A");
  const quiet = flags.has("q");
  const device = findDevice(process, wishes, destination);
  const source = findSource(process, wishes, device, destination, unsolicited);
  if (wishes.source === null && source === ANY_IPV4 && !duplicateDetection) {
    if (!quiet) process.print(`ARPING ${formatIpv4(destination)} from 0.0.0.0 ${device.name}\n`);
    throw new Quit("no source address in not-DAD mode", 2);
  }
  return new Arping({
    count,
    timeout,
    interval,
    device,
    source,
    destination,
    advert: flags.has("A"),
    broadcastOnly: flags.has("b"),
    duplicateDetection,
    quiet,
    quitOnReply: flags.has("f") || duplicateDetection,
    unsolicited,
  });
}

function usage(process: Process): Quit {
  process.error(USAGE);
  return new Quit("", 2);
}

function read(process: Process, wishes: Wishes, { letter, value }: ShortOption): void {
  if (letter === "c") wishes.count = readNumber(value, 1, MOST);
  else if (letter === "w") wishes.timeout = readNumber(value, 0, MOST);
  else if (letter === "i") wishes.interval = readNumber(value, 0, MOST);
  else if (letter === "I") wishes.device = value === "" ? null : value;
  else if (letter === "s") wishes.source = value;
  else if (letter === "h" || letter === "?") throw usage(process);
  else if (letter === "V") {
    process.print(VERSION);
    throw new Quit("", 0);
  } else wishes.flags.add(letter);
}

function findHost({ machine }: Process, name: string): Ipv4 {
  const address = parseNumericHost(name) ?? addressOf(machine, name)?.address;
  if (address === undefined) throw new Quit(`${name}: ${failureOf(machine, name)}`, 2);
  return address;
}

/** The named one, or the one that the route to the destination leaves by; it must speak ARP. */
function findDevice(process: Process, wishes: Wishes, destination: Ipv4): NetDevice {
  const device = wishes.device === null ? guess(process, destination) : process.machine.table.find(wishes.device);
  if (device === null) throw new Quit(`Device ${wishes.device} not available.`, 2);
  const say = (sentence: string, code: number): Quit => {
    if (!wishes.flags.has("q")) process.print(`Interface "${device.name}" ${sentence}\n`);
    return new Quit("", code);
  };
  if (!device.up) throw say("is down", 2);
  const speaksArp = device.arp && device.traits.link !== "loopback";
  if (!speaksArp) throw say("is not ARPable", wishes.flags.has("D") ? 0 : 2);
  return device;
}

function guess(process: Process, destination: Ipv4): NetDevice {
  const route = routeOutput(process.machine.net, destination);
  if ("errno" in route) throw new Quit("NETLINK_ROUTE unexpected iov element", 1);
  return route.device;
}

/** A UDP socket is bound or connected on trial, tied to the device. */
function findSource(
  { machine }: Process,
  wishes: Wishes,
  device: NetDevice,
  destination: Ipv4,
  unsolicited: boolean,
): Ipv4 {
  const { net } = machine;
  const isDetecting = wishes.flags.has("D");
  const given = wishes.source === null ? null : parseNumericHost(wishes.source);
  if (wishes.source !== null && given === null) throw new Quit(`invalid source ${wishes.source}`, 2);
  const wanted = given ?? (unsolicited && !isDetecting ? destination : ANY_IPV4);
  if (wanted !== ANY_IPV4) {
    const type = net.fib.typeOf(wanted);
    const mayBind = type === RouteType.LOCAL || type === RouteType.BROADCAST;
    if (!mayBind) throw new Quit(`bind: ${ERRNO_TEXT.EADDRNOTAVAIL}`, 2);
    return wanted;
  }
  if (isDetecting) return ANY_IPV4;
  const route = routeOutput(net, destination, ANY_IPV4, device);
  if ("errno" in route) throw new Quit(`connect: ${ERRNO_TEXT[route.errno]}`, 2);
  if (route.type === RouteType.BROADCAST) throw new Quit(`connect: ${ERRNO_TEXT.EACCES}`, 2);
  return route.source;
}
