/**
 * `netstat -s`: the counters of /proc/net/snmp and netstat in sentences. Follows statistics.c of net-tools 2.10, which does
 * not find "Forwarding" in its own table and knows no IpExt: of those, as of all it does not know, it prints the bare name
 * where the number is not 0. Sentences of TCP counters that are always 0 here are left out.
 */
import type { Box } from "../../../box.ts";
import { type CounterGroup, netstatGroups, snmpGroups } from "../../../proc-net/snmp.ts";

/** "=" is always printed, "?" unless it is 0, "<" and ">" belong to the histograms of ICMP; "" is not printed. */
type Sentence = string;

const IP: Readonly<Record<string, Sentence>> = {
  DefaultTTL: "",
  ForwDatagrams: "=% forwarded",
  FragCreates: "?% fragments created",
  FragFails: "?% outgoing packets failed fragmentation",
  FragOKs: "?% outgoing packets fragmented ok",
  InAddrErrors: "?% with invalid addresses",
  InDelivers: "=% incoming packets delivered",
  InDiscards: "=% incoming packets discarded",
  InHdrErrors: "?% with invalid headers",
  InReceives: "=% total packets received",
  InUnknownProtos: "?% with unknown protocol",
  OutDiscards: "?% outgoing packets dropped",
  OutNoRoutes: "?% dropped because of missing route",
  OutRequests: "=% requests sent out",
  ReasmFails: "?% packet reassemblies failed",
  ReasmOKs: "?% packets reassembled ok",
  ReasmReqds: "?% reassemblies required",
  ReasmTimeout: "?% fragments dropped after timeout",
};
const ICMP: Readonly<Record<string, Sentence>> = {
  InAddrMaskReps: "<address mask replies: %",
  InAddrMasks: "<address mask request: %",
  InDestUnreachs: "<destination unreachable: %",
  InEchoReps: "<echo replies: %",
  InEchos: "<echo requests: %",
  InErrors: "=% input ICMP message failed",
  InMsgs: "=% ICMP messages received",
  InParmProbs: "<wrong parameters: %",
  InRedirects: "<redirects: %",
  InSrcQuenchs: "<source quenches: %",
  InTimeExcds: "<timeout in transit: %",
  InTimestampReps: "<timestamp reply: %",
  InTimestamps: "<timestamp request: %",
  OutAddrMaskReps: ">address mask replies: %",
  OutAddrMasks: ">address mask requests: %",
  OutDestUnreachs: ">destination unreachable: %",
  OutEchoReps: ">echo replies: %",
  OutEchos: ">echo requests: %",
  OutErrors: "=% ICMP messages failed",
  OutMsgs: "=% ICMP messages sent",
  OutParmProbs: ">wrong parameters: %",
  OutRedirects: ">redirect: %",
  OutSrcQuenchs: ">source quench: %",
  OutTimeExcds: ">time exceeded: %",
  OutTimestampReps: ">timestamp replies: %",
  OutTimestamps: ">timestamp requests: %",
};
const TCP: Readonly<Record<string, Sentence>> = {
  ActiveOpens: "=% active connection openings",
  AttemptFails: "=% failed connection attempts",
  CurrEstab: "=% connections established",
  EstabResets: "=% connection resets received",
  InErrs: "=% bad segments received",
  InSegs: "=% segments received",
  MaxConn: "",
  OutRsts: "=% resets sent",
  OutSegs: "=% segments sent out",
  PassiveOpens: "=% passive connection openings",
  RetransSegs: "=% segments retransmitted",
  RtoAlgorithm: "",
  RtoMax: "",
  RtoMin: "",
};
const UDP: Readonly<Record<string, Sentence>> = {
  InDatagrams: "=% packets received",
  InErrors: "=% packet receive errors",
  NoPorts: "=% packets to unknown port received",
  OutDatagrams: "=% packets sent",
  RcvbufErrors: "=% receive buffer errors",
  SndbufErrors: "=% send buffer errors",
};

export type Protocol = "raw" | "tcp" | "udp";

const TABLES: Readonly<Record<string, readonly [of: Protocol, sentences: Readonly<Record<string, Sentence>>]>> = {
  Ip: ["raw", IP],
  Icmp: ["raw", ICMP],
  Tcp: ["tcp", TCP],
  Udp: ["udp", UDP],
  TcpExt: ["tcp", { TCPHPHits: "=% packet headers predicted" }],
};

const TITLES: Readonly<Record<string, string>> = { "<": "ICMP input histogram:", ">": "ICMP output histogram:" };
const isHistogram = (kind: string): boolean => TITLES[kind] !== undefined;
const indentOf = (kind: string): string => " ".repeat(isHistogram(kind) ? 8 : 4);

class Printer {
  private readonly wanted: ReadonlySet<Protocol>;
  /** The kind of the last sentence: by it the lines of an unknown table are indented too. */
  private last = "=";
  text = "";

  constructor(wanted: ReadonlySet<Protocol>) {
    this.wanted = wanted;
  }

  group({ name, counters }: CounterGroup): void {
    const [of = null, sentences = {}] = TABLES[name] ?? [];
    if (of !== null) this.last = "=";
    if (of !== null && !this.wanted.has(of)) return;
    this.text += `${name}:\n`;
    for (const [counter, value] of counters) this.counter(counter, value, sentences[counter]);
  }

  private counter(name: string, value: number, sentence: Sentence | undefined): void {
    if (sentence === undefined) {
      if (value !== 0) this.text += `${indentOf(this.last)}${name}: ${value}\n`;
      return;
    }
    if (sentence === "") return;
    const kind = sentence.charAt(0);
    if (isHistogram(kind) && this.last !== kind) this.text += `${indentOf(this.last)}${TITLES[kind]}\n`;
    if (value !== 0 || kind === "=") this.text += `${indentOf(kind)}${sentence.slice(1).replace("%", String(value))}\n`;
    this.last = kind;
  }
}

export function statisticsText(box: Box, wanted: ReadonlySet<Protocol>): string {
  const printer = new Printer(wanted);
  for (const group of [...snmpGroups(box), ...netstatGroups(box)]) printer.group(group);
  return printer.text;
}
