/**
 * Spanning tree BPDUs as tcpdump prints them (its print-stp.c), of the versions 802.1D and 802.1w.
 * Simplified: 802.1s and 802.1aq are named only.
 */
import { get8, get16, get32 } from "../../base/bytes.ts";
import { formatMac } from "../address.ts";
import * as bpdu from "../bpdu.ts";
import { cut, has, type Printout, print, printColumn } from "./printout.ts";

const VERSIONS: Readonly<Record<number, string>> = { 0: "802.1d", 2: "802.1w", 3: "802.1s", 4: "802.1aq" };
const TYPES: Readonly<Record<number, string>> = {
  [bpdu.BpduType.CONFIG]: "Config",
  2: "Rapid STP",
  [bpdu.BpduType.TOPOLOGY_CHANGE]: "Topology Change",
};
const RAPID = 2;
const FLAGS: readonly (readonly [bit: number, name: string])[] = [
  [0x01, "Topology change"],
  [0x02, "Proposal"],
  [0x10, "Learn"],
  [0x20, "Forward"],
  [0x40, "Agreement"],
  [0x80, "Topology change ACK"],
];
const ROLES = ["Unknown", "Alternate", "Root", "Designated"];

/** `at` is behind the LLC header; `length` is what the frame says follows. */
export function describeStp(out: Printout, at: number, length: number): void {
  const b = out.bytes;
  if (length < bpdu.TOPOLOGY_CHANGE_LENGTH) return print(out, " (invalid)");
  if (!has(out, at, 2)) return cut(out, "stp");
  if (get16(b, at) !== 0) return print(out, `unknown STP version, length ${length}`);
  if (!has(out, at, 3)) return cut(out, "stp");
  const version = get8(b, at + 2);
  printColumn(out, "STP ");
  const name = VERSIONS[version] ?? `Unknown STP protocol (0x${version.toString(16).padStart(2, "0")})`;
  print(out, name);
  if (VERSIONS[version] === undefined) return;
  if (!has(out, at, bpdu.TOPOLOGY_CHANGE_LENGTH)) return cut(out, "stp");
  const type = bpdu.type(b, at);
  print(out, `, ${TYPES[type] ?? `Unknown BPDU Type (0x${type.toString(16).padStart(2, "0")})`}`);
  const isRapid = version !== 0 && type === RAPID;
  if (type !== bpdu.BpduType.CONFIG && !isRapid) return;
  if (length < bpdu.CONFIG_LENGTH + (isRapid ? 1 : 0)) return print(out, " (invalid)");
  if (version > RAPID) return print(out, `, length ${length}`);
  describeConfig(out, at, length, isRapid);
}

function describeConfig(out: Printout, at: number, length: number, isRapid: boolean): void {
  const b = out.bytes;
  if (!has(out, at, 5)) return cut(out, "stp");
  const set = FLAGS.filter(([bit]) => (bpdu.flags(b, at) & bit) !== 0).map(([, name]) => name);
  print(out, `, Flags [${set.length === 0 ? "none" : set.join(", ")}]`);
  if (!has(out, at, 27)) return cut(out, "stp");
  print(out, `, bridge-id ${id(b, at + 17)}.${hex4(bpdu.port(b, at))}, length ${length}`);
  if (!out.verbose) return;
  if (!has(out, at, bpdu.CONFIG_LENGTH)) return cut(out, "stp");
  const time = (value: number): string => `${(value / 256).toFixed(2)}s`;
  const times = `max-age ${time(bpdu.maxAge(b, at))}, hello-time ${time(bpdu.hello(b, at))}`;
  print(out, `\n\tmessage-age ${time(bpdu.age(b, at))}, ${times}, forwarding-delay ${time(bpdu.forwardDelay(b, at))}`);
  print(out, `\n\troot-id ${id(b, at + 5)}, root-pathcost ${get32(b, at + 13)}`);
  if (isRapid) print(out, `, port-role ${ROLES[(bpdu.flags(b, at) >>> 2) & 3]}`);
}

const hex4 = (value: number): string => value.toString(16).padStart(4, "0");

/** "8000.52:54:00:c9:6f:97" */
function id(b: Uint8Array, at: number): string {
  const { priority, mac } = bpdu.idAt(b, at);
  return `${hex4(priority)}.${formatMac(mac)}`;
}
