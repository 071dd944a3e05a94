/**
 * `ip link set`, `add` and `del`: reads all words first, as iproute2 does, then asks the kernel once. Follows
 * iplink_parse and iplink_modify of iproute2 6.1's ip/iplink.c.
 */
import type { NetDevice } from "../../../device/device.ts";
import { type Refusal, refuse } from "../../../stack/errno.ts";
import { applyKindOptions, type KindOption, type LinkKind, readKindOptions } from "./link-options.ts";
import { macOf, readLinkAddress } from "./prefix.ts";
import { addBridge, addVeth, changeLink, type LinkChange, type NewLink, removeLink } from "./rtnetlink.ts";
import { findDevice, type IpRun, masterDevice, netlinkAnswer } from "./run.ts";
import {
  abbreviates,
  abbreviatesAny,
  duplicate,
  garbage,
  Misuse,
  notModelled,
  onOff,
  readUnsigned,
  type Words,
  wrong,
} from "./words.ts";

/** What one line says; the words behind "type" are still to be read. */
interface Request {
  dev: string | null;
  name: string | null;
  /** The kind behind "type", or null. */
  type: string | null;
  /** As many bytes as were written. */
  address: readonly number[] | null;
  readonly change: LinkChange;
}

/** A name is enough for the kernel's own check when it is changed, but not for iproute2's. */
const isInterfaceName = (name: string): boolean => name !== "" && !/[/\s]/.test(name);

/** iplink_parse, up to the word behind "type". */
function readRequest(run: IpRun, words: Words): Request {
  const request: Request = { dev: null, name: null, type: null, address: null, change: {} };
  while (words.more && request.type === null) readWord(run, request, words);
  request.name ??= request.dev;
  request.dev ??= request.name;
  return request;
}

function readWord(run: IpRun, request: Request, words: Words): void {
  const word = words.take();
  const { change } = request;
  if (word === "up" || word === "down") change.up = word === "up";
  else if (word === "name") readName(request, words.take());
  else if (abbreviates(word, "address")) request.address = readLinkAddress(words.take());
  else if (abbreviatesAny(word, "txqueuelen", "txqlen") || word === "qlen") {
    change.queueLength = readSize("txqueuelen", change.queueLength, words.take());
  } else if (word === "mtu") change.mtu = readSize("mtu", change.mtu, words.take());
  else if (word === "multicast" || word === "promisc" || word === "arp") change[word] = onOff(word, words.take());
  else if (abbreviates(word, "master")) change.master = masterDevice(run, words.take());
  else if (abbreviates(word, "nomaster")) change.master = null;
  else if (abbreviates(word, "type")) request.type = words.take();
  else if (isBeyond(word)) throw notModelled(typeAhead(words) ?? `link ${word}`);
  else readDevice(request, words.behind("dev", word));
}

/** Settings of real links that the model has no place for. */
const isBeyond = (word: string): boolean =>
  /^(index|xdp|xdpgeneric|xdpdrv|xdpoffload|netns|allmulticast|trailers|carrier|vf|vrf|group|mode|state|protodown|gso_max_size|gso_max_segs|gro_max_size|parentdev|alias|brd)$/.test(
    word,
  ) || abbreviatesAny(word, "link", "broadcast", "dynamic", "numtxqueues", "numrxqueues", "addrgenmode", "link-netns");

/** Kinds of the kernel's rtnl_link_ops that xenlab has no device for. */
const FOREIGN_KINDS =
  /^(vlan|bond|dummy|ifb|macvlan|macvtap|ipvlan|ipvtap|vxlan|geneve|gre|gretap|erspan|ipip|sit|ip6tnl|ip6gre|vrf|team|wireguard|macsec|vti|xfrm|nlmon|netdevsim|vcan|tun)$/;

/** Words on behind one that is not modelled say better what is wanted: \`link eth0 name eth0.10 type vlan id 10\`. */
function typeAhead(words: Words): string | null {
  while (words.more) if (abbreviates(words.take(), "type") && words.more) return kindNotModelled(words.take());
  return null;
}

const kindNotModelled = (type: string): string | null => (FOREIGN_KINDS.test(type) ? `type ${type}` : null);

function readName(request: Request, name: string): void {
  if (request.name !== null) throw duplicate("name", name);
  if (!isInterfaceName(name) || name.length > 15) throw wrong(name, '"name" not a valid ifname');
  request.name = name;
}

function readDevice(request: Request, name: string): void {
  if (abbreviates(name, "help")) throw new Misuse(LINK_USAGE);
  if (request.dev !== null) throw garbage("dev", name);
  if (!isInterfaceName(name)) throw wrong(name, '"dev" not a valid ifname');
  request.dev = name;
}

function readSize(key: string, before: number | undefined, text: string): number {
  if (before !== undefined) throw duplicate(key, text);
  const size = readUnsigned(text, 0x7fff_ffff);
  if (size === null) throw wrong(text, `Invalid "${key}" value\n`);
  return size;
}

/** With the address that was written, if it has six bytes. */
function withAddress(request: Request): LinkChange {
  if (request.address === null) return request.change;
  const mac = macOf(request.address);
  if (mac === null) {
    throw new Misuse(`Invalid address length ${request.address.length} - must be 6 bytes`, 1);
  }
  return { ...request.change, mac };
}

export function setLink(run: IpRun): number {
  const request = readRequest(run, run.words);
  if (request.dev === null) throw new Misuse('Not enough information: "dev" argument is required.');
  const { dev, name } = request;
  const change = withAddress(request);
  const device = findDevice(run, dev);
  if (name !== null && name !== dev) change.name = name;
  const kind = request.type === null ? null : kindToChange(request.type, device);
  const options = kind === null ? [] : readKindOptions(kind, run.words);
  return netlinkAnswer(run, changeLink(device, change) ?? changeKind(device, kind, options));
}

function kindToChange(type: string, device: NetDevice): LinkKind | null {
  if (type === "bridge" || type === "bridge_slave") return type;
  if (type === device.kind) return null;
  throw notModelled(`type ${type}`);
}

const changeKind = (device: NetDevice, kind: LinkKind | null, options: readonly KindOption[]): Refusal | null => {
  if (kind === null) return null;
  if (kind === "bridge" && device.kind !== "bridge") return refuse("EOPNOTSUPP");
  return applyKindOptions(device, kind, options);
};

export function addLink(run: IpRun): number {
  const { words, machine } = run;
  const request = readRequest(run, words);
  checkNewName(request);
  if (request.type === null) throw new Misuse('Not enough information: "type" argument is required', 1);
  if (FOREIGN_KINDS.test(request.type)) throw notModelled(`type ${request.type}`);
  const options = request.type === "bridge" ? readKindOptions("bridge", words) : [];
  const peer = request.type === "veth" ? readPeer(run) : null;
  if (words.more) throw new Misuse(`Garbage instead of arguments "${words.peek} ...". Try "ip link help".`, 1);
  const made = makeLink(run, request, peer);
  if ("errno" in made) return netlinkAnswer(run, made);
  const { change } = request;
  const refusal = applyKindOptions(made, "bridge", options) ?? changeLink(made, change);
  if (refusal !== null && machine.table.find(made.name) === made) removeLink(made);
  return netlinkAnswer(run, refusal);
}

function checkNewName({ name, dev }: Request): void {
  if (name !== dev) throw new Misuse('both "name" and "dev" cannot be used when creating devices.');
}

const newLink = ({ name, address }: Request): NewLink => {
  const mac = address === null ? null : macOf(address);
  return { name, ...(mac === null ? {} : { mac }) };
};

function makeLink(run: IpRun, request: Request, peer: Request | null): NetDevice | Refusal {
  const { table } = run.machine;
  if (request.address !== null && request.address.length !== 6) return refuse("EINVAL");
  if (request.name !== null && table.find(request.name) !== null) return refuse("EEXIST");
  if (request.type === "bridge") return addBridge(table, newLink(request));
  if (peer === null) return refuse("EOPNOTSUPP", "Unknown device type");
  const made = addVeth(table, newLink(request), newLink(peer));
  if ("errno" in made || made.peer === null) return made;
  return changeLink(made.peer, peer.change) ?? made;
}

/** "type veth [peer [name] NAME ...]" */
function readPeer(run: IpRun): Request {
  const { words } = run;
  const none: Request = { dev: null, name: null, type: null, address: null, change: {} };
  if (!words.more) return none;
  const word = words.take();
  if (word !== "peer")
    throw new Misuse(`veth: unknown option "${word}"?\nUsage: ip link <options> type veth [peer <options>]`, 1);
  return readRequest(run, words);
}

export function deleteLink(run: IpRun): number {
  const request = readRequest(run, run.words);
  if (request.dev === null) throw new Misuse('Not enough information: "dev" argument is required.');
  const device = findDevice(run, request.dev);
  return netlinkAnswer(run, removeLink(device));
}

export const LINK_USAGE = `Usage: ip link add [ name ] NAME [ address LLADDR ] [ mtu MTU ]
		    type { bridge [ OPTIONS ] | veth [ peer [ name ] NAME ] }
       ip link delete DEVICE
       ip link set [ dev ] DEVICE
		[ { up | down } ] [ arp { on | off } ] [ multicast { on | off } ]
		[ promisc { on | off } ] [ name NEWNAME ] [ address LLADDR ] [ mtu MTU ]
		[ txqueuelen PACKETS ] [ { master DEVICE | nomaster } ]
		[ type { bridge | bridge_slave } OPTIONS ]
       ip link show [ DEVICE ] [ up ] [ { master DEVICE | nomaster } ] [ type TYPE ]
       ip link help`;
