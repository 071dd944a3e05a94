/**
 * DNS as tcpdump prints it (its print-domain.c, with -n and -v). A message that is cut or makes no sense is named with its
 * length, where tcpdump prints what it can; the question of an answer and the sections behind the answers need its -vv.
 */
import { hex16, toText } from "../../base/bytes.ts";
import { formatIpv4 } from "../address.ts";
import * as dns from "../dns.ts";
import { type Printout, print, printColumn } from "./printout.ts";

const { Flag, Type } = dns;

const OPCODES: readonly string[] = ["", " inv_q", " stat", " op3", " notify", " update"];
const RCODES: readonly string[] = ["", " FormErr", " ServFail", " NXDomain", " NotImp", " Refused"];
/** What a query has no business to say: "any weirdness?". */
const ODD = 0x6cf;

export function describeDns(out: Printout, at: number, length: number): void {
  const message = dns.parse(out.bytes, at, Math.min(out.end, at + length));
  if (message === null) {
    printColumn(out, "DNS, ");
    print(out, `length ${length}`);
    return;
  }
  const isAnswer = (message.flags & Flag.QR) !== 0;
  print(out, `${isAnswer ? answerText(message, out.verbose) : queryText(message)} (${length})`);
}

const opcode = (flags: number): string => OPCODES[dns.opcodeOf(flags)] ?? ` op${dns.opcodeOf(flags)}`;

function queryText({ id, flags, questions, answers, authority, additional }: dns.Message): string {
  const marks = `${(flags & Flag.RD) === 0 ? "" : "+"}${(flags & Flag.CD) === 0 ? "" : "%"}`;
  const odd = (flags & ODD) === 0 ? "" : ` [b2&3=0x${hex16(flags).replace(/^0+/, "")}]`;
  const count = (number: number, letters: string): string => (number === 0 ? "" : ` [${number}${letters}]`);
  const counts = `${questions.length === 1 ? "" : ` [${questions.length}q]`}${count(answers.length, "a")}${count(authority.length, "n")}${count(additional.length, "au")}`;
  const asked = questions.map(({ type, class: kind, name }) => {
    const other = kind === dns.CLASS_IN ? "" : ` ${CLASSES[kind] ?? `(Class ${kind})`}`;
    return ` ${typeText(type)}${other}? ${nameText(name)}`;
  });
  return `${id}${opcode(flags)}${marks}${odd}${counts}${asked.join(",")}`;
}

function answerText({ id, flags, questions, answers, authority, additional }: dns.Message, verbose: boolean): string {
  const code = dns.responseCodeOf(flags);
  const marks = [
    (flags & Flag.AA) === 0 ? "" : "*",
    (flags & Flag.RA) === 0 ? "-" : "",
    (flags & Flag.TC) === 0 ? "" : "|",
    (flags & Flag.AD) === 0 ? "" : "$",
  ];
  const asked = questions.length === 1 ? "" : ` [${questions.length}q]`;
  const counts = ` ${answers.length}/${authority.length}/${additional.length}`;
  const records = answers.map((record) => recordText(record, verbose)).join(",");
  return `${id}${opcode(flags)}${RCODES[code] ?? ` Resp${code}`}${marks.join("")}${asked}${counts}${records}`;
}

const CLASSES: Readonly<Record<number, string>> = { 2: "Unused", 3: "CHAOS", 4: "HS", 255: "ANY" };
const typeText = (type: number): string => dns.typeName(type).replace(/^TYPE/, "Type");
const nameText = (name: string): string => `${name}.`;

function recordText(record: dns.ResourceRecord, verbose: boolean): string {
  const { name, type, class: kind } = record;
  const owner = verbose ? ` ${nameText(name)}` : "";
  const other = kind === dns.CLASS_IN || type === Type.OPT ? "" : ` ${CLASSES[kind] ?? `(Class ${kind})`}`;
  return `${owner}${other} ${typeText(type)}${dataText(record, verbose)}`;
}

function dataText({ type, class: size, data }: dns.ResourceRecord, verbose: boolean): string {
  switch (data.kind) {
    case "address":
      return ` ${formatIpv4(data.address)}`;
    case "name":
      return ` ${nameText(data.name)}`;
    case "mx":
      return ` ${nameText(data.name)} ${data.preference}`;
    case "srv":
      return ` ${nameText(data.name)}:${data.port} ${data.priority} ${data.weight}`;
    case "soa":
      return verbose ? ` ${nameText(data.primary)} ${nameText(data.mailbox)} ${data.numbers.join(" ")}` : "";
    case "text":
      return data.texts.map((text) => ` "${toText(text)}"`).join("");
    case "bytes":
      return type === Type.OPT ? ` UDPsize=${size}` : "";
  }
}
