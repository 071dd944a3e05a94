/**
 * Frames that somebody chose, as a capture file of their own: one interface for each point, as a merged capture has
 * them, and the dropped ones on the interface `drop` with the reason as a comment.
 */
import type { FateCode } from "../../base/fate.ts";
import type { Nanos } from "../../engine/time.ts";
import { SNAPLEN } from "../../packet/capture/limits.ts";
import { FATE_NAMES } from "../fates.ts";
import type { Lab } from "../lab.ts";
import { CaptureFile, type CaptureFormat, type CaptureInterface, DROP_INTERFACE, dropComment } from "./capture-file.ts";
import { checksumFlag, DIRECTION_FLAGS, packetFlags } from "./packet-flags.ts";
import { describeDevice } from "./point-words.ts";

/** One frame at one point, as a record of the run keeps it. */
export interface SavedFrame {
  readonly time: Nanos;
  /** "xen1:vif1.0" */
  readonly point: string;
  /** `by`: a bridge passed it on without giving it to its own host. */
  readonly direction: "in" | "out" | "by" | "drop";
  /** Lineage: the same frame has the same number everywhere. */
  readonly frame: number;
  /** Bytes of the frame; `bytes` may hold fewer. */
  readonly length: number;
  readonly bytes: Uint8Array;
  /** Its checksum was left to whoever takes it off the host (CHECKSUM_PARTIAL). */
  readonly checksumPartial: boolean;
  /** How it ended, where `direction` is "drop". */
  readonly fate: FateCode;
}

/**
 * The whole file. Records may come in any order; the file has them by time. Of a point whose device is gone the file
 * does not say the address, nor whether a frame for one station was for that device.
 */
export function captureOf(
  lab: Pick<Lab, "plan" | "find">,
  records: readonly SavedFrame[],
  format: CaptureFormat = "pcapng",
): Uint8Array {
  const { epoch, name } = lab.plan;
  const file = new CaptureFile("selection", { format, epoch, topology: name, snaplen: SNAPLEN });
  const interfaces = new Map<string, CaptureInterface>();
  for (const record of [...records].sort((a, b) => a.time - b.time)) {
    if (record.direction === "drop") {
      writeDrop(file, record);
      continue;
    }
    const { point, direction, bytes } = record;
    const at = interfaces.get(point) ?? interfaceOf(lab, point);
    interfaces.set(point, at);
    write(file, at, record, packetFlags(DIRECTION_FLAGS[direction], bytes, 0, at.mac, record.checksumPartial), "");
  }
  return file.take();
}

function writeDrop(file: CaptureFile, record: SavedFrame): void {
  const comment = dropComment(record.point, FATE_NAMES[record.fate]!);
  write(file, DROP_INTERFACE, record, checksumFlag(record.checksumPartial), comment);
}

function write(file: CaptureFile, at: CaptureInterface, record: SavedFrame, flags: number, comment: string): void {
  const { time, bytes, length, frame } = record;
  file.packet(file.interfaceFor(at), time, bytes, 0, bytes.length, length, flags, frame, comment);
}

function interfaceOf(lab: Pick<Lab, "find">, point: string): CaptureInterface {
  const colon = point.lastIndexOf(":");
  const [machine, name] = [point.slice(0, colon), point.slice(colon + 1)];
  const device = lab.find(machine)?.table.find(name) ?? null;
  const description = device === null ? `${name} of ${machine}` : describeDevice(device);
  return { name: point, description, mac: device?.mac ?? null, filter: null, snaplen: SNAPLEN };
}
