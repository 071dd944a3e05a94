/** DNS: header, questions and records in Wireshark's names; a name that is compressed marks the bytes where it is used. */
import { get16 } from "../../base/bytes.ts";
import * as dns from "../dns.ts";
import type { Dissected, Field, Scope } from "./layer.ts";
import * as layer from "./layer.ts";

const TITLE = "Domain Name System";
const OPCODES: Readonly<Record<number, string>> = {
  ...{ 0: "Standard query", 1: "Inverse query", 2: "Server status request", 4: "Zone change notification" },
  5: "Dynamic update",
};
const CODES: Readonly<Record<number, string>> = {
  ...{ 0: "No error", 1: "Format error", 2: "Server failure", 3: "No such name", 4: "Not implemented", 5: "Refused" },
};
const CLASSES: Readonly<Record<number, string>> = { 1: "IN", 3: "CH", 4: "HS", 255: "ANY" };
/** Wireshark's filters for names in the data of records, and their labels. */
const NAMES: Readonly<Record<number, readonly [string, string, number]>> = {
  [dns.Type.NS]: ["dns.ns", "Name Server", 0],
  [dns.Type.CNAME]: ["dns.cname", "CNAME", 0],
  [dns.Type.PTR]: ["dns.ptr.domain_name", "Domain Name", 0],
  [dns.Type.SOA]: ["dns.soa.mname", "Primary name server", 0],
  [dns.Type.MX]: ["dns.mx.mail_exchange", "Mail Exchange", 2],
  [dns.Type.SRV]: ["dns.srv.target", "Target", 6],
};

export function dissectDns({ bytes: b }: Scope, from: number, to: number): Dissected {
  if (!dns.check(b, from, to)) return layer.cutShort("dns", TITLE, dns.HEADER_LENGTH, from, to);
  const fields = header(b, from);
  const counts = dns.counts(b, from);
  let at = from + dns.HEADER_LENGTH;
  for (const [section, count] of counts.entries()) {
    for (let i = 0; i < count; i++) {
      const found = section === 0 ? question(b, from, at, to) : record(b, from, at, to, SECTIONS[section]!);
      if (found === null) {
        fields.push(layer.malformed(`${SECTIONS[section]!} ${i + 1} of ${count} is cut, or makes no sense`, at, to));
        return whole(b, from, to, fields);
      }
      fields.push(found);
      at = found.to;
    }
  }
  return whole(b, from, to, fields);
}

const SECTIONS = ["Query", "Answer", "Authoritative nameserver", "Additional record"] as const;

function whole(b: Uint8Array, from: number, to: number, fields: readonly Field[]): Dissected {
  const kind = (dns.flags(b, from) & dns.Flag.QR) === 0 ? "query" : "response";
  return { layer: { protocol: "dns", title: `${TITLE} (${kind})`, from, to, fields }, next: null, extent: to };
}

const header = (b: Uint8Array, from: number): Field[] => [
  layer.number16(b, from, "dns.id", "Transaction ID", layer.hex),
  flags(b, from + 2),
  layer.number16(b, from + 4, "dns.count.queries", "Questions"),
  layer.number16(b, from + 6, "dns.count.answers", "Answer RRs"),
  layer.number16(b, from + 8, "dns.count.auth_rr", "Authority RRs"),
  layer.number16(b, from + 10, "dns.count.add_rr", "Additional RRs"),
];

function flags(b: Uint8Array, at: number): Field {
  const value = get16(b, at);
  const range = [at, at + 2] as const;
  const isResponse = (value & dns.Flag.QR) !== 0;
  const opcode = dns.opcodeOf(value);
  const code = dns.responseCodeOf(value);
  const bit = (name: string, label: string, mask: number, yes: string, no: string): Field =>
    layer.field(`dns.flags.${name}`, label, (value & mask) === 0 ? 0 : 1, (value & mask) === 0 ? no : yes, range);
  const operation = `${OPCODES[opcode] ?? "Unknown"} (${opcode})`;
  const result = `${CODES[code] ?? "Unknown error"} (${code})`;
  const { AA, TC, RD, RA, AD, CD } = dns.Flag;
  const ofResponse = (field: Field): Field[] => (isResponse ? [field] : []);
  const fields = [
    bit("response", "Response", dns.Flag.QR, "Message is a response", "Message is a query"),
    layer.field("dns.flags.opcode", "Opcode", opcode, operation, range),
    ...ofResponse(
      bit(
        "authoritative",
        "Authoritative",
        AA,
        "Server is an authority for domain",
        "Server is not an authority for domain",
      ),
    ),
    bit("truncated", "Truncated", TC, "Message is truncated", "Message is not truncated"),
    bit("recdesired", "Recursion desired", RD, "Do query recursively", "Don't do query recursively"),
    ...ofResponse(
      bit(
        "recavail",
        "Recursion available",
        RA,
        "Server can do recursive queries",
        "Server can't do recursive queries",
      ),
    ),
    bit("authenticated", isResponse ? "Answer authenticated" : "AD bit", AD, "Set", "Not set"),
    bit("checkdisable", "Non-authenticated data", CD, "Acceptable", "Unacceptable"),
    ...ofResponse(layer.field("dns.flags.rcode", "Reply code", code, result, range)),
  ];
  const shown = isResponse
    ? `${operation.replace(/ \(\d+\)$/, "")} response, ${result.replace(/ \(\d+\)$/, "")}`
    : operation.replace(/ \(\d+\)$/, "");
  return layer.field("dns.flags", "Flags", value, `${layer.hex(value)} ${shown}`, range, fields);
}

const classText = (value: number): string => `${CLASSES[value] ?? "Unknown"} (${layer.hex(value)})`;
const typeText = (value: number): string => `${dns.typeName(value)} (${value})`;
const shownName = (name: string): string => (name === "" ? "<Root>" : name);

function question(b: Uint8Array, start: number, at: number, to: number): Field | null {
  const name = dns.readName(b, start, at, to);
  if (name === null || name.next + 4 > to) return null;
  const fields = [
    layer.field("dns.qry.name", "Name", name.name, shownName(name.name), [at, name.next]),
    layer.number16(b, name.next, "dns.qry.type", "Type", typeText),
    layer.number16(b, name.next + 2, "dns.qry.class", "Class", classText),
  ];
  const type = dns.typeName(get16(b, name.next));
  const kind = CLASSES[get16(b, name.next + 2)] ?? "Unknown";
  const text = `${shownName(name.name)}: type ${type}, class ${kind}`;
  return layer.field("dns.qry", "Query", name.name, text, [at, name.next + 4], fields);
}

function record(b: Uint8Array, start: number, at: number, to: number, label: string): Field | null {
  const name = dns.readName(b, start, at, to);
  if (name === null || name.next + 10 > to) return null;
  const place = name.next;
  const type = get16(b, place);
  const data = place + 10;
  const end = data + get16(b, place + 8);
  if (end > to) return null;
  const isOpt = type === dns.Type.OPT;
  const value = end > data ? dataField(b, start, type, data, end) : null;
  const fields = [
    layer.field("dns.resp.name", "Name", name.name, shownName(name.name), [at, place]),
    layer.number16(b, place, "dns.resp.type", "Type", typeText),
    isOpt
      ? layer.number16(b, place + 2, "dns.rr.udp_payload_size", "UDP payload size")
      : layer.number16(b, place + 2, "dns.resp.class", "Class", classText),
    isOpt
      ? layer.number16(b, place + 6, "dns.resp.z", "Z", layer.hex)
      : layer.number32(
          b,
          place + 4,
          "dns.resp.ttl",
          "Time to live",
          (v) => `${v} (${layer.count(v).replace("byte", "second")})`,
        ),
    layer.number16(b, place + 8, "dns.resp.len", "Data length"),
    ...(value === null ? [] : [value]),
  ];
  const kind = isOpt ? "" : `, class ${CLASSES[get16(b, place + 2)] ?? "Unknown"}`;
  const brief =
    value === null || isOpt ? "" : `, ${value.name === "dns.a" ? "addr" : value.label.toLowerCase()} ${value.text}`;
  const text = `${shownName(name.name)}: type ${dns.typeName(type)}${kind}${brief}`;
  return layer.field("dns.resp", label, name.name, text, [at, end], fields);
}

function dataField(b: Uint8Array, start: number, type: number, from: number, to: number): Field {
  if (type === dns.Type.A && to - from === 4) return layer.ipv4Field(b, from, "dns.a", "Address");
  const [filter, label, skip] = NAMES[type] ?? ["", "", 0];
  const name = filter === "" ? null : dns.readName(b, start, from + skip, to);
  if (name !== null) return layer.field(filter, label, name.name, shownName(name.name), [from + skip, name.next]);
  return layer.bytesField(b, from, to, type === dns.Type.OPT ? "dns.opt.data" : "dns.data", "Data");
}
