/** Records of the frame log as the rows of a packet list. */
import { Fate, isDrop } from "../../base/fate.ts";
import type { Nanos } from "../../engine/time.ts";
import { summarise } from "../../packet/summarise.ts";
import { FATE_NAMES } from "../fates.ts";
import type { FrameLog } from "./frame-log.ts";
import { DIRECTION_WORDS, FrameView } from "./frame-view.ts";

export interface FrameRow {
  readonly number: number;
  readonly time: Nanos;
  /** "xen1:vif1.0", as it was called then. */
  readonly point: string;
  readonly machine: string;
  /** The device, or the stage of the stack. */
  readonly device: string;
  readonly direction: "in" | "out" | "drop";
  /** Lineage: the same frame has the same number everywhere. */
  readonly frame: number;
  /** Bytes on the wire. */
  readonly length: number;
  /** Name of the fate; empty unless the frame ended here. */
  readonly fate: string;
  /** It ended here and is a loss; ARP for somebody else ends here rightly. */
  readonly isDrop: boolean;
  /** IP addresses; MAC addresses where there is no IPv4. */
  readonly source: string;
  readonly destination: string;
  /** "ICMP", "ARP", "TCP" ... */
  readonly protocol: string;
  /** What tcpdump says after the addresses. */
  readonly info: string;
}

/** Null when the record is forgotten, or yet to come. */
export function frameRow(log: FrameLog, number: number): FrameRow | null {
  const view = new FrameView();
  if (!log.read(number, view)) return null;
  const { text, machine, device } = view.name!;
  return {
    number,
    time: view.time,
    ...{ point: text, machine, device },
    direction: DIRECTION_WORDS[view.direction],
    frame: view.lineage,
    length: view.length,
    fate: view.fate === Fate.NONE ? "" : FATE_NAMES[view.fate]!,
    isDrop: isDrop(view.fate),
    ...summarise(view.bytes, view.at, view.at + view.length),
  };
}
