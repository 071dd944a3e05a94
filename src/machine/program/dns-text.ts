/** Records as master files write them (RFC 1035 5.1), the way the tools of BIND 9.18 print them. */
import { hex8 } from "../../base/bytes.ts";
import { formatIpv4 } from "../../packet/address.ts";
import * as dns from "../../packet/dns.ts";
import type { Errno } from "../../stack/errno.ts";
import type { Endpoint } from "../../stack/socket/udp.ts";

export const dotted = (name: string): string => `${name}.`;

const CLASSES: Readonly<Record<number, string>> = { 1: "IN", 3: "CH", 4: "HS", 255: "ANY" };
export const className = (number: number): string => CLASSES[number] ?? `CLASS${number}`;

export const codeName = (code: number): string =>
  Object.entries(dns.ResponseCode).find(([, number]) => number === code)?.[0] ?? `RESERVED${code}`;

export function dataText({ type, data }: dns.ResourceRecord): string {
  switch (data.kind) {
    case "address":
      return formatIpv4(data.address);
    case "name":
      return dotted(data.name);
    case "mx":
      return `${data.preference} ${dotted(data.name)}`;
    case "srv":
      return `${data.priority} ${data.weight} ${data.port} ${dotted(data.name)}`;
    case "soa":
      return `${dotted(data.primary)} ${dotted(data.mailbox)} ${data.numbers.join(" ")}`;
    case "text":
      return data.texts.map(quoted).join(" ");
    case "bytes":
      return type === dns.Type.AAAA && data.bytes.length === 16 ? ipv6Text(data.bytes) : unknownText(data.bytes);
  }
}

const quoted = (text: Uint8Array): string =>
  `"${Array.from(text, (byte) => {
    if (byte < 32 || byte > 126) return `\\${String(byte).padStart(3, "0")}`;
    const character = String.fromCharCode(byte);
    return character === '"' || character === "\\" ? `\\${character}` : character;
  }).join("")}"`;

/** RFC 3597 */
const unknownText = (bytes: Uint8Array): string =>
  `\\# ${bytes.length}${bytes.length === 0 ? "" : ` ${Array.from(bytes, hex8).join("").toUpperCase()}`}`;

/** RFC 5952: the longest run of two and more zero groups is left out. */
export function ipv6Text(bytes: Uint8Array): string {
  const groups = Array.from({ length: 8 }, (_, i) => (bytes[2 * i]! * 256 + bytes[2 * i + 1]!).toString(16));
  let best = { at: -1, length: 1 };
  for (let at = 0; at < 8; at++) {
    let length = 0;
    while (groups[at + length] === "0") length++;
    if (length > best.length) best = { at, length };
  }
  if (best.at < 0) return groups.join(":");
  return `${groups.slice(0, best.at).join(":")}::${groups.slice(best.at + best.length).join(":")}`;
}

/** "alpha.			0	IN	A	10.5.5.5": columns 24, 32 and 40, with tabs. */
export function recordLine(record: dns.ResourceRecord): string {
  const name = dotted(record.name);
  const start = toColumn(name, 24);
  const ttl = `${start}${record.ttl}`;
  const kind = `${toColumn(ttl, 32)}${className(record.class)}`;
  return `${toColumn(kind, 40)}${dns.typeName(record.type)}\t${dataText(record)}`;
}

/** ";alpha.				IN	A": the semicolon stands before the first column. */
export function questionLine({ name, type, class: kind }: dns.Question): string {
  return `;${toColumn(dotted(name), 32)}${className(kind)}\t${dns.typeName(type)}`;
}

const OPCODES: Readonly<Record<number, string>> = { 0: "QUERY", 1: "IQUERY", 2: "STATUS", 4: "NOTIFY", 5: "UPDATE" };

const FLAGS: readonly (readonly [number, string])[] = [
  [dns.Flag.QR, "qr"],
  [dns.Flag.AA, "aa"],
  [dns.Flag.TC, "tc"],
  [dns.Flag.RD, "rd"],
  [dns.Flag.RA, "ra"],
  [dns.Flag.AD, "ad"],
  [dns.Flag.CD, "cd"],
];

/** The two lines about a message's header. */
export function headerLines({ id, flags, questions, answers, authority, additional }: dns.Message): string {
  const opcode = OPCODES[dns.opcodeOf(flags)] ?? "RESERVED";
  const status = codeName(dns.responseCodeOf(flags));
  const letters = FLAGS.filter(([bit]) => (flags & bit) !== 0).map(([, letters]) => ` ${letters}`);
  const counts = `QUERY: ${questions.length}, ANSWER: ${answers.length}, AUTHORITY: ${authority.length}, ADDITIONAL: ${additional.length}`;
  return `;; ->>HEADER<<- opcode: ${opcode}, status: ${status}, id: ${id}\n;; flags:${letters.join("")}; ${counts}\n`;
}

const REASONS: Partial<Record<Errno, string>> = {
  ECONNREFUSED: "connection refused",
  ENETUNREACH: "network unreachable",
  EHOSTUNREACH: "host unreachable",
};

/** A server that has not answered: null is silence. */
export function trouble({ address, port }: Endpoint, errno: Errno | null): string {
  const why = errno === null ? "timed out" : (REASONS[errno] ?? "failure");
  return `;; communications error to ${formatIpv4(address)}#${port}: ${why}\n`;
}

/** Tabs up to a column, at least one. */
function toColumn(text: string, column: number): string {
  let width = 0;
  for (const character of text) width = character === "\t" ? 8 * (Math.floor(width / 8) + 1) : width + 1;
  const tabs = Math.max(1, Math.ceil((column - width) / 8));
  return text + "\t".repeat(tabs);
}
