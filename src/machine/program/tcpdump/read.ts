/** tcpdump -r: the frames of a classic pcap file, printed as if they came in now. */
import { get32 } from "../../../base/bytes.ts";
import type { Reading } from "../../../packet/capture/captured.ts";
import { LINKTYPE_ETHERNET } from "../../../packet/capture/limits.ts";
import { isPcapMagic, readPcap } from "../../../packet/capture/pcap-reader.ts";
import { matches } from "../../../packet/filter.ts";
import { Errno } from "../../errno.ts";
import type { Process } from "../../process.ts";
import { Lines } from "./lines.ts";
import { Refused, type TcpdumpSettings } from "./settings.ts";

const MAGIC = 4;
const FILE_HEADER = 24;
const RECORD_HEADER = 16;
/** The first block of a pcapng file. */
const PCAPNG = 0x0a0d_0d0a;

/** The exit code. */
export function readFile(process: Process, settings: TcpdumpSettings, path: string): number {
  const file = process.machine.files.file(path, process.cwd);
  const bytes = file instanceof Errno ? file : file.readBytes();
  if (bytes instanceof Errno) throw new Refused(`${path}: ${bytes.text}`);
  checkHeader(bytes);
  const reading: Reading = { interfaces: [], packets: [] };
  const ending = readPcap(bytes, reading);
  const { linkType, snaplen } = reading.interfaces[0]!;
  if (linkType !== LINKTYPE_ETHERNET) throw new Refused(`link type ${linkType}: not modelled`);
  process.error(`reading from file ${path}, link-type EN10MB (Ethernet), snapshot length ${snaplen}\n`);
  print(process, settings, reading);
  if (ending === "complete") return 0;
  const problem = ending === "cut" ? cutText(bytes, reading) : ending.problem;
  process.error(`${process.name}: pcap_loop: ${problem}\n`);
  return 1;
}

/** The magic number is read first, the rest of the header after it; what the sentence counts is the last read. */
function checkHeader(bytes: Uint8Array): void {
  const missing = (wanted: number, got: number): Refused =>
    new Refused(`truncated dump file; tried to read ${wanted} file header bytes, only got ${got}`);
  if (bytes.length < MAGIC) throw missing(MAGIC, bytes.length);
  const magic = get32(bytes, 0);
  if (magic === PCAPNG) throw new Refused("pcapng files are not modelled");
  if (!isPcapMagic(magic)) throw new Refused("unknown file format");
  if (bytes.length < FILE_HEADER) throw missing(FILE_HEADER, bytes.length - MAGIC);
}

function print(process: Process, settings: TcpdumpSettings, { packets }: Reading): void {
  const lines = new Lines(settings);
  let left = settings.count ?? packets.length;
  for (const { bytes: data, originalLength: length, nanos } of packets) {
    if (left === 0 || process.hasEnded) return;
    if (!matches(settings.filter, data, 0, data.length)) continue;
    left--;
    process.print(lines.line({ micros: Number(nanos / 1000n), data, length, device: null, outgoing: false }));
  }
}

function cutText(bytes: Uint8Array, { packets }: Reading): string {
  const whole = packets.reduce((at, packet) => at + RECORD_HEADER + packet.bytes.length, FILE_HEADER);
  const rest = bytes.length - whole;
  if (rest < RECORD_HEADER) return `truncated dump file; tried to read ${RECORD_HEADER} header bytes, only got ${rest}`;
  const view = new DataView(bytes.buffer, bytes.byteOffset + whole);
  const isLittle = bytes[0] !== 0xa1;
  const wanted = view.getUint32(8, isLittle);
  return `truncated dump file; tried to read ${wanted} captured bytes, only got ${rest - RECORD_HEADER}`;
}
