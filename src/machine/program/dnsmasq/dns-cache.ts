/** Answers of other servers, kept for as long as they say (cache.c). What is refused or fails is not kept: RFC 2308. */
import * as dns from "../../../packet/dns.ts";

class Entry {
  readonly answers: readonly dns.ResourceRecord[];
  readonly authority: readonly dns.ResourceRecord[];
  readonly responseCode: number;
  /** Seconds. */
  readonly stored: number;
  readonly until: number;

  constructor(message: dns.Message, stored: number, until: number) {
    this.answers = message.answers;
    this.authority = message.authority;
    this.responseCode = dns.responseCodeOf(message.flags);
    this.stored = stored;
    this.until = until;
  }
}

/** Only these are kept: others are asked for anew each time. */
const KEPT: ReadonlySet<number> = new Set([...[dns.Type.A, dns.Type.AAAA, dns.Type.CNAME, dns.Type.PTR, dns.Type.SRV]]);

/** When no SOA says how long "there is none" holds, it is not kept. */
const MINIMUM = 4;

export class DnsCache {
  private readonly capacity: number;
  /** In order of use, the least recently used first. */
  private readonly entries = new Map<string, Entry>();

  constructor(capacity: number) {
    this.capacity = capacity;
  }

  clear(): void {
    this.entries.clear();
  }

  store(question: dns.Question, message: dns.Message, now: number, keepsNegative: boolean): void {
    if (this.capacity === 0 || !KEPT.has(question.type) || (message.flags & dns.Flag.TC) !== 0) return;
    const ttl = lifetime(message, keepsNegative);
    if (ttl === 0) return;
    const key = keyOf(question);
    this.entries.delete(key);
    if (this.entries.size >= this.capacity) this.entries.delete(this.entries.keys().next().value!);
    this.entries.set(key, new Entry(message, now, now + ttl));
  }

  /** With what is left of each lifetime; null when nothing is known. */
  find(question: dns.Question, now: number) {
    const key = keyOf(question);
    const entry = this.entries.get(key);
    if (entry === undefined) return null;
    this.entries.delete(key);
    if (entry.until <= now) return null;
    this.entries.set(key, entry);
    const aged = (records: readonly dns.ResourceRecord[]): dns.ResourceRecord[] =>
      records.map((record) => ({ ...record, ttl: Math.max(0, record.ttl - (now - entry.stored)) }));
    return { answers: aged(entry.answers), authority: aged(entry.authority), responseCode: entry.responseCode };
  }
}

const keyOf = ({ name, type }: dns.Question): string => `${type} ${name.toLowerCase()}`;

/** Seconds; 0: not to be kept. */
function lifetime({ flags, answers, authority }: dns.Message, keepsNegative: boolean): number {
  const code = dns.responseCodeOf(flags);
  if (code === dns.ResponseCode.NOERROR && answers.length > 0) return Math.min(...answers.map(({ ttl }) => ttl));
  const isNegative = code === dns.ResponseCode.NXDOMAIN || code === dns.ResponseCode.NOERROR;
  const soa = authority.find(({ data }) => data.kind === "soa");
  if (!isNegative || !keepsNegative || soa === undefined || soa.data.kind !== "soa") return 0;
  return Math.min(soa.ttl, soa.data.numbers[MINIMUM]!);
}
