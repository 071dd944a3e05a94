/**
 * Reads a capture file: classic pcap or pcapng, told apart by the first four bytes.
 * A file is outside input: whatever is wrong with it becomes data, nothing throws.
 */
import { get32 } from "../../base/bytes.ts";
import type { Capture, Ending, Reading } from "../../packet/capture/captured.ts";
import { isPcapMagic, readPcap } from "../../packet/capture/pcap-reader.ts";
import { SECTION_HEADER } from "./pcapng-format.ts";
import { readPcapng } from "./pcapng-reader.ts";

/** The packets' bytes are views of `file`. */
export function readCapture(file: Uint8Array): Capture {
  const reading: Reading = { interfaces: [], packets: [] };
  if (file.length < 4) return finish(null, reading, file.length === 0 ? { problem: "the file is empty" } : "cut");
  const magic = get32(file, 0);
  if (magic === SECTION_HEADER) return finish("pcapng", reading, readPcapng(file, reading));
  if (isPcapMagic(magic)) return finish("pcap", reading, readPcap(file, reading));
  const hex = magic.toString(16).padStart(8, "0");
  return finish(null, reading, {
    problem: `neither pcap nor pcapng: the file begins with 0x${hex}`,
  });
}

function finish(format: Capture["format"], reading: Reading, ending: Ending): Capture {
  const problem = typeof ending === "object" ? ending.problem : null;
  return {
    format,
    interfaces: reading.interfaces,
    packets: reading.packets,
    cut: ending === "cut",
    problem,
  };
}
