/** What may be asked of a capture point, and the sentence for what may not. */
import type { CaptureChange } from "../../engine/journal.ts";
import { compileFilter } from "../../packet/filter.ts";
import type { CaptureFile } from "./capture-file.ts";
import { type CaptureRule, EVERYTHING } from "./point-capture.ts";

/** One sentence why not; `column`, from 1, is the place in the filter when that is what is wrong. */
export interface CaptureRefusal {
  readonly ok: false;
  readonly message: string;
  readonly column: number | null;
}

export type CaptureAnswer = { readonly ok: true } | CaptureRefusal;

/** Bytes: an Ethernet header; what Wireshark takes at most. The same as in a topology. */
const SNAPLENS = { least: 14, most: EVERYTHING.snaplen } as const;

export const refuse = (message: string, column: number | null = null): CaptureRefusal => ({
  ok: false,
  message,
  column,
});

/** No such point can ever be: the names are none (dev_valid_name). Null: they are good, whether it is there or not. */
export function refuseNames(machine: string, device: string): CaptureRefusal | null {
  if (machine === "") return refuse("a point is a machine and a device, such as xen1:vif1.0");
  if (/^[^/:\s]{1,15}$/.test(device) && device !== "." && device !== "..") return null;
  return refuse(`a device cannot be called "${device}"; a point is a machine and a device, such as xen1:vif1.0`);
}

/** The rule after the change. An empty filter is none. */
export function changed(rule: CaptureRule, { filter, promiscuous, snaplen }: CaptureChange): CaptureRule {
  const wanted = filter === undefined ? rule.filter : filter;
  return {
    filter: wanted === null || wanted.trim() === "" ? null : wanted,
    promiscuous: promiscuous ?? rule.promiscuous,
    snaplen: snaplen ?? rule.snaplen,
  };
}

/** `file`: the one it would go on in; null while there is none. */
export function refuseRule({ filter, snaplen }: CaptureRule, file: CaptureFile | null): CaptureRefusal | null {
  const compiled = compileFilter(filter ?? "");
  if (!compiled.ok) return refuse(compiled.message, compiled.column);
  const { least, most } = SNAPLENS;
  if (!Number.isInteger(snaplen) || snaplen < least || snaplen > most)
    return refuse(`a snap length is a whole number of bytes from ${least} to ${most}`);
  if (file === null || snaplen <= file.snaplen) return null;
  return refuse(`${file.path} was begun with a snap length of ${file.snaplen} bytes: classic pcap cannot raise it`);
}

export const sameRule = (a: CaptureRule, b: CaptureRule): boolean =>
  a.filter === b.filter && a.promiscuous === b.promiscuous && a.snaplen === b.snaplen;
