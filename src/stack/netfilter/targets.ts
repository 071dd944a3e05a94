/**
 * Targets that change a packet, or what is known of it, and go on: net/netfilter/xt_mark.c, xt_connmark.c, xt_CHECKSUM.c,
 * xt_CT.c and net/ipv4/netfilter/ipt_TTL (xt_HL.c); TCPMSS is target-tcpmss.ts, targets of NAT are nat/targets.ts.
 */
import { get16 } from "../../base/bytes.ts";
import { completeChecksum } from "../../device/offload.ts";
import { update16 } from "../../packet/checksum.ts";
import { HEADER_LENGTH as LINK } from "../../packet/ethernet.ts";
import { Checksum, type Frame } from "../../packet/frame.ts";
import * as ipv4 from "../../packet/ipv4.ts";
import { Change, Info } from "./conntrack/flow.ts";
import type { Packet } from "./packet.ts";
import type { ConnmarkTarget, Target } from "./rule.ts";
import { setMss } from "./target-tcpmss.ts";

const TTL = 8;
const MAX_TTL = 255;

/** False: it could not be done, and the packet is dropped for it. */
export function applyTarget(target: Target, packet: Packet): boolean {
  const { frame } = packet;
  switch (target.kind) {
    case "mark":
      frame.mark = (frame.mark & ~target.mask) ^ target.mark;
      return true;
    case "connmark":
      markConnection(target, packet);
      return true;
    case "checksum":
      if (frame.checksum === Checksum.PARTIAL) completeChecksum(frame);
      return true;
    case "notrack":
      if (frame.connection === null) frame.connectionInfo = Info.UNTRACKED;
      return true;
    case "ttl":
      setTtl(frame, target);
      return true;
    case "tcpmss":
      return setMss(target.mss, packet);
    default:
      return true;
  }
}

/** connmark_tg */
function markConnection({ mode, mark, ctMask, nfMask }: ConnmarkTarget, { frame, tracker }: Packet): void {
  const line = tracker.table.lineOf(frame);
  if (line === null) return;
  if (mode === "restore") {
    frame.mark = (frame.mark & ~nfMask) ^ (line.mark & ctMask);
    return;
  }
  const before = line.mark;
  line.mark = (before & ~ctMask) ^ (mode === "set" ? mark : frame.mark & nfMask);
  if (line.mark !== before) tracker.changed(line, Change.MARK);
}

function setTtl(frame: Frame, { mode, value }: Extract<Target, { kind: "ttl" }>): void {
  const b = frame.bytes;
  const ip = frame.at + LINK;
  const word = get16(b, ip + TTL);
  const before = ipv4.ttl(b, ip);
  const wanted = mode === "set" ? value : before + (mode === "increase" ? value : -value);
  ipv4.setTtl(b, ip, Math.min(Math.max(wanted, 0), MAX_TTL));
  ipv4.setHeaderChecksum(b, ip, update16(ipv4.headerChecksum(b, ip), word, get16(b, ip + TTL)));
}
