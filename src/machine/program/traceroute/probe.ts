/**
 * A probe and what has become of it; how long it is waited for; and what one that is given up may be told by a later one.
 * Follows get_timeout and check_expired of traceroute.c, 2.1.2.
 */
import { ms, type Nanos, seconds } from "../../../engine/time.ts";
import type { Ipv4 } from "../../../packet/address.ts";
import type { UdpSocket } from "../../../stack/socket/udp.ts";
import type { TracerouteSettings } from "./settings.ts";

/** "+1 ms to avoid precision issues" */
const SLACK = ms(1);
const LONG_AGO = seconds(-1_000_000);

export class Probe {
  sentAt: Nanos | null = null;
  receivedAt: Nanos | null = null;
  /** Answered, or given up. */
  done = false;
  /** There is nothing behind it. */
  final = false;
  answerer: Ipv4 | null = null;
  /** TTL that the answer came with; 0 when there is none. */
  answerTtl = 0;
  /** "!H" */
  remark = "";
  socket: UdpSocket | null = null;
  sequence = 0;

  get took(): number {
    return this.receivedAt === null || this.sentAt === null ? 0 : this.receivedAt - this.sentAt;
  }

  finish(): void {
    this.socket?.close();
    this.socket = null;
    this.sequence = 0;
    this.done = true;
  }

  /** Takes over what `other` has heard; `other` is as if lost, and not sent again. */
  replaceBy(other: Probe): void {
    this.sentAt = other.sentAt;
    this.receivedAt = other.receivedAt;
    this.final = other.final;
    this.answerer = other.answerer;
    this.answerTtl = other.answerTtl;
    this.remark = other.remark;
    other.receivedAt = null;
    other.done = false;
    other.final = false;
    other.answerer = null;
    other.answerTtl = 0;
    other.remark = "";
    other.sentAt = LONG_AGO;
  }
}

/** How long probe number `at` may take. */
export function patience(probes: readonly Probe[], at: number, settings: TracerouteSettings): Nanos {
  const { queries, here, near, wait } = settings;
  const most = seconds(wait);
  if (here > 0) {
    const first = at - (at % queries);
    const sibling = probes.slice(first, first + queries).find((each) => each.done && each.took > 0);
    if (sibling !== undefined) return shorter(sibling, here, most);
  }
  if (near > 0) {
    for (let i = at + 1; i < probes.length && probes[i]!.sentAt !== null; i++) {
      if (probes[i]!.done && probes[i]!.took > 0) return shorter(probes[i]!, near, most);
    }
  }
  return most;
}

const shorter = (answered: Probe, factor: number, most: Nanos): Nanos =>
  Math.min(Math.round((answered.took + SLACK) * factor), most) as Nanos;

/**
 * Probe number `at` has been given up. The last hop may have answered only the latest of the probes that reached it: then
 * the first of those answers is this one's.
 */
export function givenUp(probes: readonly Probe[], at: number, queries: number): void {
  const probe = probes[at]!;
  const before = probes.slice(at - (at % queries), at);
  if (before.some((each) => !each.done || !each.final)) return;
  const later = firstAnswerBehind(probes, at);
  if (later === null || !probes[later]!.final || probes[later]!.remark === "") return;
  const isSameHop = before.length > 0 || (at % queries) + (later - at) < queries;
  if (isSameHop || isMeantFor(probes, at, probes[later]!, queries)) probe.replaceBy(probes[later]!);
}

function firstAnswerBehind(probes: readonly Probe[], at: number): number | null {
  for (let i = at + 1; i < probes.length && probes[i]!.sentAt !== null; i++) if (probes[i]!.done) return i;
  return null;
}

/** The same router has said "time exceeded" before, or the TTL of its word says that it stands here. */
function isMeantFor(probes: readonly Probe[], at: number, answer: Probe, queries: number): boolean {
  const before = probes.slice(0, at).toReversed();
  if (before.some((each) => each.answerer !== null && each.answerer === answer.answerer)) return true;
  if (answer.answerTtl === 0) return false;
  let hops = hopsOf(answer.answerTtl);
  const nearest = before.find(
    (each) => each.done && !each.final && each.answerTtl > 0 && hopsOf(each.answerTtl) < hops,
  );
  if (nearest !== undefined) {
    hops = hops - hopsOf(nearest.answerTtl) + Math.floor(probes.indexOf(nearest) / queries) + 1;
  }
  return hops <= Math.floor(at / queries) + 1;
}

/** ttl2hops: routers start from 64, 128 or 255. */
export const hopsOf = (ttl: number): number => (ttl <= 64 ? 65 - ttl : ttl <= 128 ? 129 - ttl : 256 - ttl);
