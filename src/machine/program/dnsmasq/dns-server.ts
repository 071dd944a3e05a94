/**
 * The DNS server: answers from what is known here, from the cache, or from somebody else (forward.c and rfc1035.c of
 * dnsmasq 2.90). UDP only: there is no TCP, so an answer that does not fit is cut and nobody can ask again another way.
 * Not modelled: DNSSEC, authoritative zones, IPv6, query ports by rule, retries of its own (dnsmasq has none either: the
 * client's next try is passed on).
 */
import { formatIpv4, type Ipv4 } from "../../../packet/address.ts";
import * as dns from "../../../packet/dns.ts";
import type { Endpoint, UdpSocket } from "../../../stack/socket/udp.ts";
import { DnsCache } from "./dns-cache.ts";
import { isPrivate, isWithin, type LocalNames } from "./local-names.ts";
import type { Server, Settings } from "./settings.ts";

const { Flag, ResponseCode, Type } = dns;

/** EDNS_PKTSZ of config.h */
const EDNS_SIZE = 1232;
const DNSSEC_OK = 0x8000;
/** RFC 8914: EDE, info codes 14 and 23. */
const NOT_READY = Uint8Array.of(0, 15, 0, 2, 0, 14);
const NETWORK_ERROR = Uint8Array.of(0, 15, 0, 2, 0, 23);
/** TIMEOUT of config.h: a forwarded query is forgotten after this many seconds. */
const FORGET_AFTER = 10;
/** FTABSIZ: so many queries may wait for others. */
const MOST_WAITING = 150;
/** FORWARD_TEST and FORWARD_TIME: how often all servers are tried again, in queries and seconds. */
const TEST_EVERY = 50;
const TEST_AFTER = 20;

/** Where a query came from, and by which of our sockets and addresses the answer goes back. */
export interface Client {
  readonly source: Endpoint;
  readonly socket: UdpSocket;
  readonly local: Ipv4;
}

export interface DnsHouse {
  readonly settings: Settings;
  readonly names: LocalNames;
  readonly now: number;
  log(line: string): void;
  answer(bytes: Uint8Array, to: Client): void;
  /** Asks somebody else from a port of its own; `receive` gets what comes, with the id that this answers. */
  /** False: it could not even be sent. */
  ask(bytes: Uint8Array, id: number, server: Endpoint): boolean;
  /** The port that asked is not needed any more. */
  hangUp(id: number): void;
  random16(): number;
}

class Forwarded {
  readonly id: number;
  readonly query: dns.Message;
  client: Client;
  readonly since: number;
  readonly servers: readonly Endpoint[];
  /** How many of them have been asked. */
  asked = 0;
  /** How many have said that they cannot. */
  failed = 0;

  constructor(id: number, query: dns.Message, client: Client, since: number, servers: readonly Endpoint[]) {
    this.id = id;
    this.query = query;
    this.client = client;
    this.since = since;
    this.servers = servers;
  }
}

export class DnsServer {
  private readonly house: DnsHouse;
  private readonly cache: DnsCache;
  private upstream: readonly Endpoint[] = [];
  private readonly waiting = new Map<number, Forwarded>();
  /** Who answered first the last time all were asked. */
  private best: Endpoint | null = null;
  private sinceTest = 0;
  private testedAt = 0;

  constructor(house: DnsHouse) {
    this.house = house;
    this.cache = new DnsCache(house.settings.cacheSize);
  }

  /** The servers of resolv.conf. */
  setUpstream(servers: readonly Endpoint[]): void {
    this.upstream = servers;
    this.best = null;
  }

  clearCache(): void {
    this.cache.clear();
  }

  /** A query. */
  query(bytes: Uint8Array, client: Client): void {
    const query = dns.parse(bytes, 0, bytes.length);
    if (query === null || (query.flags & Flag.QR) !== 0) return;
    const { house } = this;
    const [question] = query.questions;
    if (question === undefined || query.questions.length !== 1)
      return this.respond(query, client, ResponseCode.FORMERR);
    if (dns.opcodeOf(query.flags) !== 0) return this.respond(query, client, ResponseCode.REFUSED);
    const { name, type } = question;
    this.note(`query[${dns.typeName(type)}] ${nameText(name)} from ${formatIpv4(client.source.address)}`);
    const local = house.names.answer(question);
    if (local !== null) {
      for (const line of local.notes) this.note(line);
      const { answers, additional } = local;
      return this.respond(query, client, ResponseCode.NOERROR, { answers, additional, isOurs: true });
    }
    this.notOurs(query, question, client);
  }

  private notOurs(query: dns.Message, question: dns.Question, client: Client): void {
    const { house } = this;
    const { name, type } = question;
    const reverse = dns.addressOfReverse(name);
    const isKeptPrivate = reverse !== null && house.settings.has("bogus-priv") && isPrivate(reverse);
    if (type === Type.PTR && isKeptPrivate && this.domainOf(name) === "") {
      this.note(`config ${formatIpv4(reverse)} is NXDOMAIN`);
      return this.respond(query, client, ResponseCode.NXDOMAIN);
    }
    const literals = this.literalsOf(name);
    if (literals.length > 0 && this.byLiteral(query, question, client, literals)) return;
    const isPlain = !name.includes(".") && (type === Type.A || type === Type.AAAA);
    if (isPlain && name !== "" && house.settings.has("domain-needed")) return this.missing(query, question, client);
    const cached = this.cache.find(question, house.now);
    if (cached !== null && (query.flags & Flag.RD) !== 0) {
      for (const record of cached.answers) this.note(`cached ${nameText(name)} is ${dataText(record)}`);
      return this.respond(query, client, cached.responseCode, cached);
    }
    const servers = this.serversFor(name);
    if (servers === null) return this.missing(query, question, client);
    if (servers.length === 0) {
      this.note("config error is REFUSED (EDE: not ready)");
      return this.respond(query, client, ResponseCode.REFUSED, { extra: NOT_READY });
    }
    this.forward(query, client, servers);
  }

  /** The name is ours to know and it is not there; or it is, without such a record. */
  private missing(query: dns.Message, { name, type }: dns.Question, client: Client): void {
    const isKnown = this.house.names.isOurs(name);
    this.note(`config ${nameText(name)} is ${isKnown ? `NODATA${type === Type.A ? "-IPv4" : ""}` : "NXDOMAIN"}`);
    this.respond(query, client, isKnown ? ResponseCode.NOERROR : ResponseCode.NXDOMAIN);
  }

  /** `address=`: the ones of the longest domain that the name lies in. */
  private literalsOf(name: string) {
    const fitting = this.house.settings.literals.filter(({ domain }) => isWithin(name, domain));
    const longest = Math.max(...fitting.map(({ domain }) => domain.length));
    const isServed = this.domainOf(name).length > longest;
    return isServed ? [] : fitting.filter(({ domain }) => domain.length === longest);
  }

  private byLiteral(
    query: dns.Message,
    question: dns.Question,
    client: Client,
    literals: readonly { readonly address: Ipv4 | null }[],
  ): boolean {
    const { name, type } = question;
    if (literals.some(({ address }) => address === null)) {
      this.missing(query, question, client);
      return true;
    }
    // Other kinds are somebody else's to know.
    if (type !== Type.A) return false;
    const answers = literals.map(({ address }) => {
      this.note(`config ${name} is ${formatIpv4(address!)}`);
      return dns.record(name, Type.A, this.house.settings.localTtl, { kind: "address", address: address! });
    });
    this.respond(query, client, ResponseCode.NOERROR, { answers, isOurs: true });
    return true;
  }

  /** The longest domain with a server of its own that the name lies in. */
  private domainOf(name: string): string {
    const domains = this.house.settings.servers.map(({ domain }) => domain).filter((domain) => isWithin(name, domain));
    return domains.reduce((longest, domain) => (domain.length > longest.length ? domain : longest), "");
  }

  /** Null: the domain is local. */
  private serversFor(name: string): readonly Endpoint[] | null {
    const domain = this.domainOf(name);
    const isHere = (server: Server): boolean => dns.sameName(server.domain, domain);
    const here = this.house.settings.servers.filter(isHere);
    const general = [
      ...this.house.settings.servers.filter((each) => each.domain === "").flatMap(endpointsOf),
      ...this.upstream,
    ];
    if (domain === "") return general;
    if (here.some(({ port }) => port === -1)) return general;
    const endpoints = here.flatMap(endpointsOf);
    return endpoints.length === 0 ? null : endpoints;
  }

  private forward(query: dns.Message, client: Client, servers: readonly Endpoint[]): void {
    this.forget();
    const again = [...this.waiting.values()].find((each) => isSame(each, query, client));
    if (again !== undefined) {
      again.client = client;
      return this.askNext(again);
    }
    if (this.waiting.size >= MOST_WAITING) {
      this.house.log(`Maximum number of concurrent DNS queries reached (max: ${MOST_WAITING})`);
      return this.respond(query, client, ResponseCode.REFUSED);
    }
    let id = this.house.random16();
    while (this.waiting.has(id)) id = (id + 1) & 0xffff;
    const forwarded = new Forwarded(id, query, client, this.house.now, this.inOrder(servers));
    this.waiting.set(id, forwarded);
    const toAll = this.house.settings.has("all-servers") || (!this.isStrict && this.isTestDue(servers));
    if (!toAll) return this.askNext(forwarded);
    this.sinceTest = 0;
    this.testedAt = this.house.now;
    this.askAll(forwarded);
  }

  private get isStrict(): boolean {
    return this.house.settings.has("strict-order");
  }

  private isTestDue(servers: readonly Endpoint[]): boolean {
    const isKnown = this.best !== null && servers.some((each) => sameEndpoint(each, this.best!));
    return !isKnown || this.sinceTest++ > TEST_EVERY || this.house.now - this.testedAt > TEST_AFTER;
  }

  private inOrder(servers: readonly Endpoint[]): readonly Endpoint[] {
    const { best } = this;
    if (best === null || this.isStrict) return servers;
    const isBest = (each: Endpoint): boolean => sameEndpoint(each, best);
    return [...servers.filter(isBest), ...servers.filter((each) => !isBest(each))];
  }

  /** The next server that anything can be sent to. */
  private askNext(forwarded: Forwarded): void {
    const { servers } = forwarded;
    for (let tried = 0; tried < servers.length; tried++) if (this.ask(forwarded)) return;
    this.unreached(forwarded);
  }

  private askAll(forwarded: Forwarded): void {
    let isSent = false;
    while (forwarded.asked < forwarded.servers.length) isSent = this.ask(forwarded) || isSent;
    if (!isSent) this.unreached(forwarded);
  }

  private ask(forwarded: Forwarded): boolean {
    const { servers, query, id } = forwarded;
    const server = servers[forwarded.asked % servers.length]!;
    forwarded.asked++;
    const bytes = dns.encode({ ...query, id });
    if (bytes === null || !this.house.ask(bytes, id, server)) return false;
    this.note(`forwarded ${nameText(query.questions[0]!.name)} to ${formatIpv4(server.address)}`);
    return true;
  }

  /** No route leads to any of them: the client hears so at once. */
  private unreached({ id, query, client }: Forwarded): void {
    this.waiting.delete(id);
    this.house.hangUp(id);
    this.note("config error is REFUSED (EDE: network error)");
    this.respond(query, client, ResponseCode.REFUSED, { extra: NETWORK_ERROR });
  }

  /** What a server that was asked says. */
  reply(bytes: Uint8Array, from: Endpoint): void {
    const message = dns.parse(bytes, 0, bytes.length);
    const forwarded = message === null ? undefined : this.waiting.get(message.id);
    if (message === null || forwarded === undefined || (message.flags & Flag.QR) === 0) return;
    const question = forwarded.query.questions[0]!;
    const isAbout = message.questions[0] !== undefined && dns.sameName(message.questions[0].name, question.name);
    if (!isAbout || !forwarded.servers.some((each) => sameEndpoint(each, from))) return;
    const code = dns.responseCodeOf(message.flags);
    if ((code === ResponseCode.REFUSED || code === ResponseCode.SERVFAIL) && this.triesAnother(forwarded)) return;
    if (code === ResponseCode.NOERROR || code === ResponseCode.NXDOMAIN) this.best = from;
    this.waiting.delete(forwarded.id);
    this.house.hangUp(forwarded.id);
    this.pass(forwarded, message, question);
  }

  /** Somebody else may know better. */
  private triesAnother(forwarded: Forwarded): boolean {
    forwarded.failed++;
    if (forwarded.failed < forwarded.asked) return true;
    if (forwarded.asked >= forwarded.servers.length) return false;
    this.askNext(forwarded);
    return true;
  }

  private pass({ query, client }: Forwarded, message: dns.Message, question: dns.Question): void {
    const { settings, now } = this.house;
    const limit = settings.maxTtl ?? Number.POSITIVE_INFINITY;
    const answers = message.answers.map((record) => ({ ...record, ttl: Math.min(record.ttl, limit) }));
    this.cache.store(question, { ...message, answers }, now, !settings.has("no-negcache"));
    for (const record of answers) this.note(`reply ${nameText(record.name)} is ${dataText(record)}`);
    const code = dns.responseCodeOf(message.flags);
    if (answers.length === 0) this.note(`reply ${nameText(question.name)} is ${emptyText(code, question.type)}`);
    const additional = message.additional.filter(({ type }) => type !== Type.OPT);
    this.respond(query, client, code, { answers, authority: message.authority, additional });
  }

  /** Queries that nobody has answered in time. */
  private forget(): void {
    for (const { id, since } of [...this.waiting.values()]) {
      if (this.house.now - since < FORGET_AFTER) continue;
      this.waiting.delete(id);
      this.house.hangUp(id);
    }
  }

  private respond(query: dns.Message, client: Client, code: number, what: Partial<Answer> = {}): void {
    const { answers = [], authority = [], additional = [], isOurs = false, extra = new Uint8Array(0) } = what;
    const asked = query.additional.find(({ type }) => type === Type.OPT);
    const kept = query.flags & (Flag.RD | Flag.CD | 0x7800);
    const flags = Flag.QR | Flag.RA | kept | (isOurs ? Flag.AA : 0) | code;
    const own = asked === undefined ? [] : [optRecord(asked.ttl & DNSSEC_OK, extra)];
    const { id, questions } = query;
    const whole = dns.encode({ id, flags, questions, answers, authority, additional: [...additional, ...own] }, false);
    const limit = asked === undefined ? dns.UDP_LIMIT : Math.max(dns.UDP_LIMIT, asked.class);
    const isCut = whole !== null && whole.length > limit;
    const cut = { id, flags: flags | Flag.TC, questions, answers: [], authority: [], additional: own };
    const bytes = isCut ? dns.encode(cut) : whole;
    if (bytes !== null) this.house.answer(bytes, client);
  }

  private note(line: string): void {
    if (this.house.settings.has("log-queries")) this.house.log(line);
  }
}

interface Answer {
  readonly answers: readonly dns.ResourceRecord[];
  readonly authority: readonly dns.ResourceRecord[];
  readonly additional: readonly dns.ResourceRecord[];
  /** From our own files: authoritative. */
  readonly isOurs: boolean;
  /** Options of the OPT record. */
  readonly extra: Uint8Array;
}

const optRecord = (flags: number, bytes: Uint8Array): dns.ResourceRecord => ({
  ...{ name: "", type: Type.OPT, class: EDNS_SIZE, ttl: flags },
  data: { kind: "bytes", bytes },
});

const endpointsOf = ({ address, port }: Server): Endpoint[] => (address === null ? [] : [{ address, port }]);
const sameEndpoint = (a: Endpoint, b: Endpoint): boolean => a.address === b.address && a.port === b.port;

/** The same client asks the same again: he has waited long enough. */
function isSame({ query, client }: Forwarded, other: dns.Message, from: Client): boolean {
  const [a, b] = [query.questions[0]!, other.questions[0]!];
  const isQuery = query.id === other.id && a.type === b.type && dns.sameName(a.name, b.name);
  return isQuery && sameEndpoint(client.source, from.source);
}

const nameText = (name: string): string => (name === "" ? "." : name);

const dataText = ({ type, data }: dns.ResourceRecord): string =>
  data.kind === "address"
    ? formatIpv4(data.address)
    : data.kind === "name" && type === Type.PTR
      ? data.name
      : `<${dns.typeName(type)}>`;

function emptyText(code: number, type: number): string {
  if (code === ResponseCode.NXDOMAIN) return "NXDOMAIN";
  if (code === ResponseCode.NOERROR) return `NODATA${type === Type.A ? "-IPv4" : type === Type.AAAA ? "-IPv6" : ""}`;
  return Object.entries(ResponseCode).find(([, number]) => number === code)?.[0] ?? String(code);
}
