/** dig of BIND 9.18: asks one question and prints the whole answer (bin/dig/dig.c, printmessage). */
import { formatIpv4 } from "../../packet/address.ts";
import * as dns from "../../packet/dns.ts";
import type { Errno } from "../../stack/errno.ts";
import type { Endpoint } from "../../stack/socket/udp.ts";
import { formatDate } from "../calendar.ts";
import { Program } from "../process.ts";
import { type DnsAnswer, DnsExchange, type ExchangeOwner, questionId } from "./dns-exchange.ts";
import { dataText, headerLines, questionLine, recordLine, trouble } from "./dns-text.ts";

export interface DigSettings {
  readonly server: Endpoint;
  /** As it was written after the @; null: from resolv.conf. */
  readonly serverWord: string | null;
  readonly question: dns.Question;
  readonly timeout: number;
  readonly tries: number;
  readonly isShort: boolean;
  readonly hasEdns: boolean;
  readonly wantsDnssec: boolean;
  readonly recurses: boolean;
  readonly checkingDisabled: boolean;
  readonly wantsAd: boolean;
  readonly shows: Readonly<
    Record<"cmd" | "comments" | "question" | "answer" | "authority" | "additional" | "stats", boolean>
  >;
}

const EDNS_SIZE = 1232;
const DNSSEC_OK = 0x8000;
/** RFC 7873: eight random bytes of the client. */
const COOKIE = 10;

export class Dig extends Program implements ExchangeOwner {
  private readonly settings: DigSettings;
  private exchange: DnsExchange | null = null;
  private greeted = false;

  constructor(settings: DigSettings) {
    super();
    this.settings = settings;
  }

  start(): void {
    const { server, timeout, tries } = this.settings;
    this.exchange = new DnsExchange(this.process, this, {
      servers: [server],
      timeout,
      attempts: tries,
      mayFragment: true,
    });
    if (!this.exchange.ask(this.message())) {
      const name = this.settings.question.name;
      this.process.print(`dig: '${name}' is not a legal name (bad label type)\n`);
      this.process.exit(10);
    }
  }

  override ended(): void {
    this.exchange?.close();
  }

  answered({ message, server, size, took }: DnsAnswer): void {
    const { isShort, shows } = this.settings;
    if (isShort) this.process.print(message.answers.map((record) => `${dataText(record)}\n`).join(""));
    else {
      this.greet();
      const milliseconds = Math.floor(took / 1e6);
      this.process.print(this.body(message) + (shows.stats ? this.statistics(server, size, milliseconds) : ""));
    }
    this.process.exit(0);
  }

  triedInVain(server: Endpoint, errno: Errno | null): void {
    this.process.print(trouble(server, errno));
  }

  gaveUp(): void {
    if (!this.settings.isShort) this.greet();
    this.process.print(";; no servers could be reached\n");
    this.process.exit(9);
  }

  private message(): dns.Message {
    const { question, hasEdns, wantsDnssec, recurses, checkingDisabled, wantsAd } = this.settings;
    const { Flag, Type } = dns;
    const flags = (recurses ? Flag.RD : 0) | (wantsAd ? Flag.AD : 0) | (checkingDisabled ? Flag.CD : 0);
    const opt: dns.ResourceRecord = {
      ...{ name: "", type: Type.OPT, class: EDNS_SIZE, ttl: wantsDnssec ? DNSSEC_OK : 0 },
      data: { kind: "bytes", bytes: this.cookie() },
    };
    const common = { answers: [], authority: [], additional: hasEdns ? [opt] : [] };
    return { id: questionId(this.process), flags, questions: [question], ...common };
  }

  private cookie(): Uint8Array {
    const { world, name } = this.process.machine;
    const random = world.random(`dig.${name}`);
    return Uint8Array.of(0, COOKIE, 0, 8, ...Array.from({ length: 8 }, () => random.below(256)));
  }

  private greet(): void {
    if (this.greeted || !this.settings.shows.cmd) return;
    this.greeted = true;
    const words = this.process.argv.slice(1).join(" ");
    const found = this.settings.serverWord === null ? "" : "; (1 server found)\n";
    this.process.print(`\n; <<>> DiG 9.18.49-1~deb12u3-Debian <<>> ${words}\n${found};; global options: +cmd\n`);
  }

  private body(message: dns.Message): string {
    const { shows } = this.settings;
    const opt = message.additional.find(({ type }) => type === dns.Type.OPT);
    const rest = message.additional.filter((record) => record !== opt);
    const title = (text: string): string => (shows.comments ? `;; ${text} SECTION:\n` : "");
    const section = (text: string, shown: boolean, records: readonly dns.ResourceRecord[]): string =>
      shown && records.length > 0 ? `${title(text)}${records.map((each) => `${recordLine(each)}\n`).join("")}\n` : "";
    const question = message.questions.map((each) => `${questionLine(each)}\n`).join("");
    return [
      shows.comments ? this.header(message, opt) : "",
      shows.question && question !== "" ? `${title("QUESTION")}${question}\n` : "",
      section("ANSWER", shows.answer, message.answers),
      section("AUTHORITY", shows.authority, message.authority),
      section("ADDITIONAL", shows.additional, rest),
    ].join("");
  }

  private header(message: dns.Message, opt: dns.ResourceRecord | undefined): string {
    const { flags } = message;
    const recursion = (flags & dns.Flag.RD) !== 0 && (flags & dns.Flag.RA) === 0;
    return [
      ";; Got answer:\n",
      headerLines(message),
      recursion ? ";; WARNING: recursion requested but not available\n" : "",
      "\n",
      opt === undefined ? "" : optText(opt),
    ].join("");
  }

  private statistics({ address, port }: Endpoint, size: number, took: number): string {
    const { clockSeconds } = this.process.machine;
    const ip = formatIpv4(address);
    const when = formatDate("%a %b %d %H:%M:%S %Z %Y", clockSeconds);
    const where = this.settings.serverWord ?? ip;
    return `;; Query time: ${took} msec\n;; SERVER: ${ip}#${port}(${where}) (UDP)\n;; WHEN: ${when}\n;; MSG SIZE  rcvd: ${size}\n\n`;
  }
}

/** RFC 8914: the codes that a lab meets. */
const EXTENDED_ERRORS: Readonly<Record<number, string>> = {
  0: "Other",
  14: "Not Ready",
  15: "Blocked",
  23: "Network Error",
};

function optText({ class: size, ttl, data }: dns.ResourceRecord): string {
  const flags = (ttl & DNSSEC_OK) === 0 ? "" : " do";
  let text = `;; OPT PSEUDOSECTION:\n; EDNS: version: 0, flags:${flags}; udp: ${size}\n`;
  if (data.kind !== "bytes") return text;
  const { bytes } = data;
  for (let at = 0; at + 4 <= bytes.length; ) {
    const code = bytes[at]! * 256 + bytes[at + 1]!;
    const length = bytes[at + 2]! * 256 + bytes[at + 3]!;
    if (code === 15 && length >= 2) {
      const error = bytes[at + 4]! * 256 + bytes[at + 5]!;
      text += `; EDE: ${error}${EXTENDED_ERRORS[error] === undefined ? "" : ` (${EXTENDED_ERRORS[error]})`}\n`;
    }
    at += 4 + length;
  }
  return text;
}
