/** nslookup(1) of BIND 9.18 with a name on its command line (bin/dig/nslookup.c): A and AAAA, or the name of an address. */
import { formatIpv4 } from "../../packet/address.ts";
import * as dns from "../../packet/dns.ts";
import type { Errno } from "../../stack/errno.ts";
import type { Endpoint } from "../../stack/socket/udp.ts";
import { Program } from "../process.ts";
import { type DnsAnswer, DnsExchange, type ExchangeOwner, questionId } from "./dns-exchange.ts";
import { codeName, dataText, dotted, ipv6Text, trouble } from "./dns-text.ts";

export interface NslookupSettings {
  readonly servers: readonly Endpoint[];
  /** As it was written; null: from resolv.conf. */
  readonly serverWord: string | null;
  readonly names: readonly string[];
  readonly types: readonly number[];
}

const TIMEOUT = 5;
const ATTEMPTS = 3;

export class Nslookup extends Program implements ExchangeOwner {
  private readonly settings: NslookupSettings;
  private readonly names: string[];
  private readonly types: number[];
  private name = "";
  private type = 0;
  private exchange: DnsExchange | null = null;
  private greeted = false;

  constructor(settings: NslookupSettings) {
    super();
    this.settings = settings;
    this.names = [...settings.names];
    this.types = [...settings.types];
  }

  start(): void {
    const { servers } = this.settings;
    this.exchange = new DnsExchange(this.process, this, {
      servers,
      timeout: TIMEOUT,
      attempts: ATTEMPTS,
      mayFragment: true,
    });
    this.name = this.names.shift()!;
    this.next();
  }

  override ended(): void {
    this.exchange?.close();
  }

  private next(): void {
    const type = this.types.shift();
    if (type === undefined) {
      this.process.print("\n");
      return this.process.exit(0);
    }
    this.type = type;
    const question = { name: this.name, type, class: dns.CLASS_IN };
    const empty = { answers: [], authority: [], additional: [] };
    const message = { id: questionId(this.process), flags: dns.Flag.RD, questions: [question], ...empty };
    if (this.exchange!.ask(message)) return;
    this.process.print(`nslookup: '${this.name}' is not a legal name (bad label type)\n`);
    this.process.exit(1);
  }

  answered({ message, server }: DnsAnswer): void {
    const code = dns.responseCodeOf(message.flags);
    if (code === dns.ResponseCode.NXDOMAIN && this.names.length > 0) {
      this.name = this.names.shift()!;
      this.types.unshift(this.type);
      return this.next();
    }
    this.names.length = 0;
    this.greet(server, message.flags, code === dns.ResponseCode.NOERROR && message.answers.length > 0);
    if (code !== dns.ResponseCode.NOERROR) {
      this.process.print(`** server can't find ${this.name}: ${codeName(code)}\n\n`);
      return this.process.exit(1);
    }
    const isSecond = this.type === dns.Type.AAAA;
    if (message.answers.length === 0 && !isSecond) {
      this.process.print(`*** Can't find ${this.name}: No answer\n`);
    }
    const shown = isSecond ? message.answers.filter(({ type }) => type !== dns.Type.CNAME) : message.answers;
    this.process.print(shown.map((record) => `${recordText(record)}\n`).join(""));
    this.next();
  }

  triedInVain(server: Endpoint, errno: Errno | null): void {
    this.process.print(trouble(server, errno));
  }

  gaveUp(): void {
    this.process.print(";; no servers could be reached\n\n");
    this.process.exit(1);
  }

  /** Who answered; not for the name of an address. */
  private greet({ address, port }: Endpoint, flags: number, hasAnswer: boolean): void {
    if (this.greeted || this.type === dns.Type.PTR) return;
    this.greeted = true;
    const ip = formatIpv4(address);
    const isOwn = (flags & dns.Flag.AA) !== 0;
    const note = hasAnswer && !isOwn ? "Non-authoritative answer:\n" : "";
    this.process.print(`Server:\t\t${this.settings.serverWord ?? ip}\nAddress:\t${ip}#${port}\n\n${note}`);
  }
}

function recordText(record: dns.ResourceRecord): string {
  const { name, type, data } = record;
  switch (type) {
    case dns.Type.A:
      return `Name:\t${name}\nAddress: ${dataText(record)}`;
    case dns.Type.AAAA:
      return `Name:\t${name}\nAddress: ${data.kind === "bytes" ? ipv6Text(data.bytes) : dataText(record)}`;
    case dns.Type.CNAME:
      return `${name}\tcanonical name = ${dataText(record)}`;
    case dns.Type.PTR:
      return `${name}\tname = ${dataText(record)}`;
    case dns.Type.NS:
      return `${name}\tnameserver = ${dataText(record)}`;
    case dns.Type.MX:
      return `${name}\tmail exchanger = ${dataText(record)}`;
    case dns.Type.TXT:
      return `${name}\ttext = ${dataText(record)}`;
    default:
      return `${name}\trdata_${type} = ${data.kind === "name" ? dotted(data.name) : dataText(record)}`;
  }
}
