/** host(1) of BIND 9.18 (bin/dig/host.c): asks for A, AAAA and MX of a name, or for what is told, and says it in sentences. */
import { formatIpv4 } from "../../packet/address.ts";
import * as dns from "../../packet/dns.ts";
import type { Errno } from "../../stack/errno.ts";
import type { Endpoint } from "../../stack/socket/udp.ts";
import { Program } from "../process.ts";
import { type DnsAnswer, DnsExchange, type ExchangeOwner, questionId } from "./dns-exchange.ts";
import { codeName, dataText, dotted, headerLines, questionLine, recordLine, trouble } from "./dns-text.ts";

export interface HostSettings {
  readonly servers: readonly Endpoint[];
  /** As it was written; null: from resolv.conf. */
  readonly serverWord: string | null;
  /** The names to try, in order: the first that is not unknown counts. */
  readonly names: readonly string[];
  /** What was typed, for the sentence about a name that is not known. */
  readonly word: string;
  /** Null: A, then AAAA and MX. */
  readonly type: number | null;
  readonly isVerbose: boolean;
  readonly recurses: boolean;
  readonly timeout: number;
  readonly tries: number;
}

const USUAL: readonly number[] = [dns.Type.A, dns.Type.AAAA, dns.Type.MX];

export class Host extends Program implements ExchangeOwner {
  private readonly settings: HostSettings;
  private readonly names: string[];
  private readonly types: number[];
  private name = "";
  private type = 0;
  private exchange: DnsExchange | null = null;

  constructor(settings: HostSettings) {
    super();
    this.settings = settings;
    this.names = [...settings.names];
    this.types = settings.type === null ? [...USUAL] : [settings.type];
  }

  start(): void {
    const { servers, serverWord, timeout, tries } = this.settings;
    this.exchange = new DnsExchange(this.process, this, { servers, timeout, attempts: tries, mayFragment: true });
    if (serverWord !== null) {
      const { address, port } = servers[0]!;
      const place = `${formatIpv4(address)}#${port}`;
      this.process.print(`Using domain server:\nName: ${serverWord}\nAddress: ${place}\nAliases: \n\n`);
    }
    this.nextName();
  }

  override ended(): void {
    this.exchange?.close();
  }

  private nextName(): void {
    this.name = this.names.shift()!;
    this.nextType();
  }

  private nextType(): void {
    const type = this.types.shift();
    if (type === undefined) return this.process.exit(0);
    this.type = type;
    if (this.settings.isVerbose) this.process.print(`Trying "${this.name}"\n`);
    const question = { name: this.name, type, class: dns.CLASS_IN };
    const flags = this.settings.recurses ? dns.Flag.RD : 0;
    const empty = { answers: [], authority: [], additional: [] };
    if (this.exchange!.ask({ id: questionId(this.process), flags, questions: [question], ...empty })) return;
    this.process.error(`host: '${this.name}' is not a legal name (bad label type)\n`);
    this.process.exit(1);
  }

  answered(answer: DnsAnswer): void {
    const code = dns.responseCodeOf(answer.message.flags);
    if (code === dns.ResponseCode.NXDOMAIN && this.names.length > 0) {
      this.types.unshift(this.type);
      return this.nextName();
    }
    this.names.length = 0;
    if (code !== dns.ResponseCode.NOERROR) {
      const shown = code === dns.ResponseCode.NXDOMAIN ? this.settings.word.replace(/\.$/, "") : this.name;
      this.process.print(`Host ${shown} not found: ${code}(${codeName(code)})\n`);
      if (this.settings.isVerbose) this.process.print(this.received(answer));
      return this.process.exit(1);
    }
    this.process.print(this.settings.isVerbose ? this.whole(answer) : this.sentences(answer.message));
    this.nextType();
  }

  triedInVain(server: Endpoint, errno: Errno | null): void {
    this.process.print(trouble(server, errno));
  }

  gaveUp(): void {
    this.process.print(";; no servers could be reached\n");
    this.process.exit(1);
  }

  /** No A and no AAAA is not worth a word, unless it was asked for. */
  private sentences({ answers }: dns.Message): string {
    const { type } = this.settings;
    if (answers.length === 0) return type === null ? "" : `${this.name} has no ${dns.typeName(this.type)} record\n`;
    const isUsual = type === null && this.type !== dns.Type.A;
    // The alias has been told with the first question.
    const shown = isUsual ? answers.filter((record) => record.type !== dns.Type.CNAME) : answers;
    return shown.map((record) => `${sentence(record)}\n`).join("");
  }

  private whole({ message, server, size, took }: DnsAnswer): string {
    const section = (title: string, records: readonly dns.ResourceRecord[]): string =>
      records.length === 0 ? "" : `;; ${title} SECTION:\n${records.map((each) => `${recordLine(each)}\n`).join("")}\n`;
    const questions = message.questions.map((each) => `${questionLine(each)}\n`).join("");
    return [
      `${headerLines(message)}\n`,
      `;; QUESTION SECTION:\n${questions}\n`,
      section("ANSWER", message.answers),
      section("AUTHORITY", message.authority),
      section("ADDITIONAL", message.additional),
      this.received({ message, server, size, took }),
    ].join("");
  }

  private received({ server, size, took }: DnsAnswer): string {
    const place = `${formatIpv4(server.address)}#${server.port}`;
    return `Received ${size} bytes from ${place} in ${Math.floor(took / 1e6)} ms\n`;
  }
}

const SENTENCES: Readonly<Record<number, string>> = {
  [dns.Type.A]: "has address",
  [dns.Type.AAAA]: "has IPv6 address",
  [dns.Type.NS]: "name server",
  [dns.Type.CNAME]: "is an alias for",
  [dns.Type.SOA]: "has SOA record",
  [dns.Type.PTR]: "domain name pointer",
  [dns.Type.MX]: "mail is handled by",
  [dns.Type.TXT]: "descriptive text",
};

function sentence(record: dns.ResourceRecord): string {
  const name = dotted(record.name).replace(/(.)\.$/, "$1");
  const words = SENTENCES[record.type] ?? `has ${dns.typeName(record.type)} record`;
  return `${name} ${words} ${dataText(record)}`;
}
