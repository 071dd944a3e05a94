/** Looks into DHCP and DNS for a display filter. Only frames of their ports are dissected: that costs microseconds. */
import { get16 } from "../../../base/bytes.ts";
import { parseIpv4, parseMac } from "../../../packet/address.ts";
import { dissect, type Field } from "../../../packet/dissect.ts";
import { Header } from "../../../packet/headers.ts";
import type { FrameView } from "../frame-view.ts";
import { INSIDE_PROTOCOLS } from "./inside-fields.ts";
import type { InsideKind } from "./tree.ts";

/** The fields of the protocol's layer; null when the frame has none. */
export function fieldsOf(protocol: string, view: FrameView): readonly Field[] | null {
  const at = view.headers.last(Header.UDP);
  const ports = INSIDE_PROTOCOLS.get(protocol)!;
  if (at < 0 || ![get16(view.bytes, at), get16(view.bytes, at + 2)].some((port) => ports.includes(port))) return null;
  const layers = dissect(view.bytes, view.at, view.at + view.length);
  return layers.find((layer) => layer.protocol === protocol)?.fields ?? null;
}

/** Every value of that name, as what it is compared as. */
export function valuesOf(name: string, kind: InsideKind, view: FrameView): (string | number)[] {
  const found: (string | number)[] = [];
  collect(fieldsOf(name.split(".")[0]!, view) ?? [], name, kind, found);
  return found;
}

function collect(fields: readonly Field[], name: string, kind: InsideKind, into: (string | number)[]): void {
  for (const field of fields) {
    if (field.name === name) into.push(comparable(field.value, kind));
    collect(field.fields ?? [], name, kind, into);
  }
}

function comparable(value: string | number, kind: InsideKind): string | number {
  if (kind === "ipv4") return parseIpv4(String(value)) ?? value;
  return kind === "mac" ? (parseMac(String(value)) ?? value) : value;
}
