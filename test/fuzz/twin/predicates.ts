/**
 * Where the kernel would not answer twice the same. A mask blanks a field in what both worlds said; an excuse takes a whole
 * difference. Each names the kernel source that makes it so, and is counted only where it was needed.
 */
import { fromHex, get16, toHex } from "../../../src/base/bytes.ts";
import { EtherType, HEADER_LENGTH as LINK } from "../../../src/packet/ethernet.ts";
import * as ipv4 from "../../../src/packet/ipv4.ts";
import * as tcp from "../../../src/packet/tcp.ts";
import * as vlan from "../../../src/packet/vlan.ts";
import { type Case, isLine, isShot, type Step } from "./case.ts";
import { DRAWN_PORT, spokenPorts } from "./drawn-port.ts";
import type { Excuse, Known, Mask, Predicate } from "./predicate.ts";

export function known(one: Case): Known {
  const frames = one.steps.filter(isShot).map(({ frame }) => fromHex(frame));
  const identifications = new Set(frames.flatMap(identificationsIn));
  return { identifications, ports: spokenPorts(one), drawn: new Map() };
}

/** Behind the link header and its tags; whatever else is there is no IP packet. */
function identificationsIn(frame: Uint8Array): number[] {
  const type = vlan.typeAt(frame, 0, frame.length);
  const isIp = type >= 0 && frame.length >= type + 8 && get16(frame, type) === EtherType.IPV4;
  return isIp ? [ipv4.id(frame, type + 2)] : [];
}

const isIntactIp = (frame: Uint8Array): boolean =>
  get16(frame, 12) === EtherType.IPV4 && ipv4.check(frame, LINK, frame.length) && ipv4.verifyChecksum(frame, LINK);

export const MASKS: readonly Mask[] = [
  {
    name: "ip-identification",
    source: "net/ipv4/route.c __ip_select_ident, net/ipv4/ip_output.c ip_select_ident_segs",
    why: "packets that the machine itself makes are numbered from a secret",
    blank(emulator, kernel, { identifications }) {
      const frames = [emulator, kernel].map(fromHex);
      // The emulator's own numbers are the same in every run: those of the cases are far from them.
      if (!frames.every(isIntactIp) || identifications.has(ipv4.id(frames[0]!, LINK))) return null;
      for (const frame of frames) {
        ipv4.setId(frame, LINK, 0);
        ipv4.fillChecksum(frame, LINK);
      }
      return [toHex(frames[0]!), toHex(frames[1]!)];
    },
  },
  DRAWN_PORT,
];

const onlyRedirectsDiffer = (ours: readonly string[], theirs: readonly string[]): boolean => {
  const rest = (frames: readonly string[]): string => frames.filter((frame) => !isRedirect(frame)).join();
  return rest(ours) === rest(theirs);
};

function isRedirect(hex: string): boolean {
  const frame = fromHex(hex);
  return (
    isIntactIp(frame) && ipv4.protocol(frame, LINK) === ipv4.Protocol.ICMP && frame[ipv4.payloadAt(frame, LINK)] === 5
  );
}

function hasCutTcpOptions(frame: Uint8Array): boolean {
  const type = vlan.typeAt(frame, 0, frame.length);
  if (type < 0 || get16(frame, type) !== EtherType.IPV4 || !ipv4.check(frame, type + 2, frame.length)) return false;
  const at = ipv4.payloadAt(frame, type + 2);
  if (ipv4.protocol(frame, type + 2) !== ipv4.Protocol.TCP || !tcp.check(frame, at, frame.length)) return false;
  return tcp.parseOptions(frame, tcp.optionsAt(at), tcp.payloadAt(frame, at)).some(({ whole }) => !whole);
}

/** Or the question for who shall get it. */
function isReset(hex: string): boolean {
  const frame = fromHex(hex);
  if (get16(frame, 12) === EtherType.ARP) return true;
  const isTcp = isIntactIp(frame) && ipv4.protocol(frame, LINK) === ipv4.Protocol.TCP;
  return isTcp && (tcp.flags(frame, ipv4.payloadAt(frame, LINK)) & tcp.Flag.RST) !== 0;
}

const isFlushOfNeighbours = (step: Step): boolean => isLine(step) && step.run.startsWith("ip neigh flush");

/** What the machine asks, or says about a question that it has given up. */
function isAboutNeighbours(hex: string): boolean {
  const frame = fromHex(hex);
  if (get16(frame, 12) === EtherType.ARP) return true;
  return isIntactIp(frame) && ipv4.protocol(frame, LINK) === ipv4.Protocol.ICMP;
}

export const EXCUSES: readonly Excuse[] = [
  {
    name: "redirect-rate",
    source: "net/ipv4/route.c ip_rt_send_redirect",
    why: "one more redirect to the same peer is sent after 20 ms, 40 ms, 80 ms ... of silence",
    takes: (_, { emulator, kernel }) => onlyRedirectsDiffer(emulator, kernel),
  },
  {
    name: "flush-order",
    source: "net/core/neighbour.c neigh_hash_alloc (neigh_get_hash_rnd), neigh_dump_table; net/ipv4/arp.c arp_hash",
    why: "neighbours are flushed in the order of a hash with a secret: one that is given up may have another asked for again",
    takes: ({ steps }, { step, emulator, kernel }) =>
      isFlushOfNeighbours(steps[step]!) && [...emulator, ...kernel].every(isAboutNeighbours),
  },
  {
    name: "cut-tcp-options",
    source: "net/ipv4/tcp_ipv4.c tcp_v4_send_reset, net/ipv4/tcp_input.c tcp_do_parse_auth_options",
    why: "since 6.7, which knows TCP-AO, no reset is sent to a segment whose options do not fit; 6.1 sends it",
    takes: ({ steps }, { step, emulator, kernel }) => {
      const shot = steps[step]!;
      const isSilent = kernel.length === 0 && emulator.every(isReset);
      return isSilent && isShot(shot) && hasCutTcpOptions(fromHex(shot.frame));
    },
  },
];

/** Found by asking twice. */
export const UNSTABLE: Predicate = {
  name: "not-twice",
  source: "net/ipv4/route.c ip_rt_send_redirect, ip_error; net/core/neighbour.c neigh_timer_handler",
  why: "asked again the kernel says what the emulator says: a busy machine let a clock run on between two frames",
};
