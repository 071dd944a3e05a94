/** The counters of a device as `ip -s link` lists them. Follows print_stats64 of iproute2 6.1's ip/ipaddress.c. */
import type { NetDevice } from "../../../device/device.ts";
import type { Json } from "./json.ts";

/** Heads and values of one line; an empty head is a hole in the table. */
interface Row {
  readonly lead: string;
  readonly cells: readonly (readonly [head: string, value: number])[];
}

interface Statistics {
  readonly receive: Row;
  readonly receiveErrors: Row;
  readonly transmit: Row;
  readonly transmitErrors: Row;
}

function collect(device: NetDevice): Statistics {
  const c = device.counters;
  const hardware = new Map(device.statistics());
  const counted = (name: string): number => hardware.get(name) ?? 0;
  return {
    receive: {
      lead: "RX:",
      cells: [
        ["bytes", c.rxBytes],
        ["packets", c.rxPackets],
        ["errors", c.rxErrors],
        ["dropped", c.rxDropped + c.rxUnhandled],
        ["missed", c.rxMissed],
        ["mcast", c.rxMulticast],
      ],
    },
    receiveErrors: {
      lead: "RX errors:",
      cells: [
        ["", 0],
        ["length", counted("rx_length_errors")],
        ["crc", counted("rx_crc_errors")],
        ["frame", counted("rx_frame_errors")],
        ["fifo", 0],
        ["overrun", counted("rx_over_errors")],
      ],
    },
    transmit: {
      lead: "TX:",
      cells: [
        ["bytes", c.txBytes],
        ["packets", c.txPackets],
        ["errors", c.txErrors],
        ["dropped", c.txDropped],
        ["carrier", c.txCarrier],
        ["collsns", counted("collisions")],
      ],
    },
    transmitErrors: {
      lead: "TX errors:",
      cells: [
        ["", 0],
        ["aborted", counted("tx_aborted_errors")],
        ["fifo", counted("tx_fifo_errors")],
        ["window", counted("tx_window_errors")],
        ["heartbt", counted("tx_heartbeat_errors")],
        ["transns", device.carrierChanges],
      ],
    },
  };
}

/** The narrowest a column gets, by its longest head over all four lines. */
const WIDTHS: readonly number[] = [10, 7, 6, 7, 7, 7];
/** The seventh column, "compressed", is there without head or value. */
const TAIL = " ".repeat("compressed".length);

/** Lines without newlines between them: the caller joins them by its own line end. */
export function statisticsLines(device: NetDevice, withErrors: boolean): string[] {
  const all = collect(device);
  const used = withErrors ? Object.values(all) : [all.receive, all.transmit];
  const widths = WIDTHS.map((width, at) =>
    Math.max(width, ...used.map((row: Row) => String(row.cells[at]![1]).length)),
  );
  const main = (row: Row): string[] => [`${headLine(row, widths)} ${TAIL}`, `    ${valueLine(row.cells, widths)}`];
  const errors = (row: Row): string[] => [
    headLine(row, widths),
    `${" ".repeat(widths[0]! + 5)}${valueLine(row.cells.slice(1), widths.slice(1))}`,
  ];
  return [
    ...main(all.receive),
    ...(withErrors ? errors(all.receiveErrors) : []),
    ...main(all.transmit),
    ...(withErrors ? errors(all.transmitErrors) : []),
  ];
}

/** The lead and the first head share the first column. */
function headLine({ lead, cells }: Row, widths: readonly number[]): string {
  const [first, ...rest] = cells;
  const start = `    ${lead}${first![0].padStart(widths[0]! - lead.length)}`;
  return [start, ...rest.map(([head], at) => head.padStart(widths[at + 1]!))].join(" ");
}

const valueLine = (cells: Row["cells"], widths: readonly number[]): string =>
  cells.map(([, value], at) => `${String(value).padStart(widths[at]!)} `).join("");

export function statisticsJson(device: NetDevice, withErrors: boolean): Json {
  const { receive, receiveErrors, transmit, transmitErrors } = collect(device);
  const value = (row: Row, head: string): number => row.cells.find(([each]) => each === head)![1];
  const both = (row: Row) => ({
    bytes: value(row, "bytes"),
    packets: value(row, "packets"),
    errors: value(row, "errors"),
    dropped: value(row, "dropped"),
  });
  const rx = { ...both(receive), over_errors: value(receiveErrors, "overrun"), multicast: value(receive, "mcast") };
  const tx = { ...both(transmit), carrier_errors: value(transmit, "carrier"), collisions: value(transmit, "collsns") };
  if (!withErrors) return { rx, tx };
  const errors = (row: Row, ...heads: string[]) =>
    Object.fromEntries(heads.map((head) => [JSON_NAMES[head]!, value(row, head)]));
  return {
    rx: {
      ...rx,
      ...errors(receiveErrors, "length", "crc", "frame", "fifo"),
      missed_errors: value(receive, "missed"),
    },
    tx: { ...tx, ...errors(transmitErrors, "aborted", "fifo", "window", "heartbt", "transns") },
  };
}

const JSON_NAMES: Readonly<Record<string, string>> = {
  length: "length_errors",
  crc: "crc_errors",
  frame: "frame_errors",
  fifo: "fifo_errors",
  aborted: "aborted_errors",
  window: "window_errors",
  heartbt: "heartbeat_errors",
  transns: "carrier_changes",
};
