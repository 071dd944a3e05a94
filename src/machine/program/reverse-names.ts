/**
 * Addresses to names for a program that prints them, as getnameinfo(3) with "hosts: files dns": /etc/hosts first, then PTR.
 * The real one stands still meanwhile, so a program that asks here must not go on until it is `named`.
 */
import type { Ipv4 } from "../../packet/address.ts";
import * as dns from "../../packet/dns.ts";
import type { Process } from "../process.ts";
import { type DnsAnswer, DnsExchange, type ExchangeOwner, questionId, resolverFile } from "./dns-exchange.ts";
import { nameOf } from "./resolve.ts";

export interface NamesOwner {
  /** What was asked for is known now, or known to have no name. */
  named(): void;
}

export class ReverseNames implements ExchangeOwner {
  private readonly process: Process;
  private readonly owner: NamesOwner;
  private readonly known = new Map<Ipv4, string | null>();
  /** No name server has answered about these. */
  private readonly unanswered = new Set<Ipv4>();
  private exchange: DnsExchange | null = null;
  private asked: Ipv4 | null = null;

  constructor(process: Process, owner: NamesOwner) {
    this.process = process;
    this.owner = owner;
  }

  get isAsking(): boolean {
    return this.asked !== null;
  }

  /** Null also for what has not been asked yet. */
  of(address: Ipv4): string | null {
    return nameOf(this.process.machine, address) ?? this.known.get(address) ?? null;
  }

  isOpen(address: Ipv4): boolean {
    return nameOf(this.process.machine, address) === null && !this.known.has(address);
  }

  /** EAI_AGAIN, where getnameinfo(3) answers the number for what has no name. */
  failed(address: Ipv4): boolean {
    return this.unanswered.has(address);
  }

  /** The next time it is asked for again. */
  forget(address: Ipv4): void {
    this.known.delete(address);
  }

  ask(address: Ipv4): void {
    const { servers, timeout, attempts } = resolverFile(this.process.machine);
    this.exchange ??= new DnsExchange(this.process, this, { servers, timeout, attempts, mayFragment: false });
    this.asked = address;
    const question = { name: dns.reverseName(address), type: dns.Type.PTR, class: dns.CLASS_IN };
    const empty = { answers: [], authority: [], additional: [] };
    this.exchange.ask({ id: questionId(this.process), flags: dns.Flag.RD, questions: [question], ...empty });
  }

  /** Whoever waits has lost patience, or is over. */
  close(): void {
    this.exchange?.close();
    if (this.asked !== null) this.known.set(this.asked, null);
    this.asked = null;
  }

  answered({ message }: DnsAnswer): void {
    const found = message.answers.find(({ type }) => type === dns.Type.PTR);
    this.end(found?.data.kind === "name" ? found.data.name : null);
  }

  triedInVain(): void {}

  gaveUp(): void {
    this.unanswered.add(this.asked!);
    this.end(null);
  }

  private end(name: string | null): void {
    this.exchange?.close();
    this.known.set(this.asked!, name);
    this.asked = null;
    this.owner.named();
  }
}
