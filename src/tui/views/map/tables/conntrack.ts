/** The newest connections that domain 0 follows, each with what NAT has made of it: `conntrack -L`. */
import type { FlowSnapshot } from "../../../../lab/index.ts";
import { count } from "../../../parts/words.ts";
import { DIM, Fg, PLAIN } from "../../../screen/style.ts";
import { cut } from "../../../screen/surface.ts";
import type { RowThing, Scene } from "../things.ts";
import type { HostTable } from "./table.ts";

interface FlowRow extends RowThing {
  readonly flow: FlowSnapshot;
}

export const conntrack: HostTable = {
  id: "conntrack",
  word: "conntrack",
  isThere: ({ host }) => host.routing.conntrack !== null,
  title: ({ host }) => `conntrack ${host.name}`,
  note({ host }) {
    const { total, max } = host.routing.conntrack!;
    return `${count(total)} of ${count(max)}`;
  },
  empty: () => "nothing is being followed",
  columns: () => 1,
  rows: (scene) => scene.host.routing.conntrack!.flows.map((flow) => rowOf(scene, flow)),
  draw(line, row) {
    const { flow, text } = row as FlowRow;
    line.put(0, 0, cut(text, line.width), flow.replied ? PLAIN : Fg.yellow);
    const protocol = flow.protocol.length;
    line.put(0, 0, flow.protocol, DIM, protocol);
  },
};

const rowOf = ({ host }: Scene, flow: FlowSnapshot): FlowRow => ({
  kind: "row",
  id: `flow ${host.name} ${flow.number}`,
  machine: host.name,
  text: textOf(flow),
  filter: filterOf(flow),
  device: null,
  target: flow.destination,
  flow,
});

/** "tcp 192.168.122.220:40000 → 198.51.100.1:80 ⇄ as 198.51.100.10:40000 ESTABLISHED 431999 s" */
function textOf(flow: FlowSnapshot): string {
  const { protocol, translatedSource, translatedDestination, state, replied, secondsLeft } = flow;
  const from = end(flow, flow.source, flow.sourcePort);
  const to = end(flow, flow.destination, flow.destinationPort);
  const as = translatedSource === null ? "" : ` ⇄ as ${end(flow, translatedSource, flow.translatedSourcePort)}`;
  const at =
    translatedDestination === null ? "" : ` ⇄ at ${end(flow, translatedDestination, flow.translatedDestinationPort)}`;
  const words = [state ?? "", replied ? "" : "UNREPLIED", `${secondsLeft} s`].filter((word) => word !== "");
  return `${protocol} ${from} → ${to}${as}${at} ${words.join(" ")}`;
}

/** ICMP has an identifier in the place of the source's port, and nothing in that of the other. */
function end({ protocol }: FlowSnapshot, address: string, port: number): string {
  if (protocol === "tcp" || protocol === "udp") return `${address}:${port}`;
  return port === 0 ? address : `${address} id ${port}`;
}

/** The frames of this connection alone, on both sides of the translation. */
function filterOf(flow: FlowSnapshot): string {
  const { protocol, source, destination, translatedSource, translatedDestination } = flow;
  const field =
    protocol === "icmp" ? "icmp.ident" : protocol === "tcp" || protocol === "udp" ? `${protocol}.port` : null;
  const oneEnd = (address: string, port: number): string =>
    field === null ? `ip.addr == ${address}` : `ip.addr == ${address} and ${field} == ${port}`;
  const from = [oneEnd(source, flow.sourcePort)];
  if (translatedSource !== null) from.push(oneEnd(translatedSource, flow.translatedSourcePort));
  const to = [`ip.addr == ${destination}`];
  if (translatedDestination !== null) to.push(`ip.addr == ${translatedDestination}`);
  return [from, to].map((tests) => (tests.length === 1 ? tests[0]! : `(${tests.join(" or ")})`)).join(" and ");
}
