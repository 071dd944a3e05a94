/** The guests, left: a card for each of their devices, with its rings as they are filled. */
import type { GuestSnapshot, RingSnapshot } from "../../../lab/index.ts";
import { drawBox } from "../../parts/box.ts";
import { gauge } from "../../parts/gauge.ts";
import { count } from "../../parts/words.ts";
import { rect } from "../../screen/rect.ts";
import { BOLD, DIM, Fg, PLAIN, type Style } from "../../screen/style.ts";
import { cellWidth, fitLeft, type Surface } from "../../screen/surface.ts";
import type { GuestCard } from "./things.ts";

/** From here on a ring is worth a look. */
const BUSY_SHARE = 0.75;
/** Slots netfront may use before it stops its queue: the rest is kept for a frame in many pieces. */
const STOPS_AT = 237;

export function drawCard(surface: Surface, y: number, height: number, card: GuestCard, focused: boolean): void {
  const { guest, vif } = card;
  const title = titleOf(guest, surface.width);
  const inside = drawBox(surface, rect(0, y, surface.width, height), {
    left: guest.vifs.length > 1 && vif !== null ? `${title} ${vif.guestDevice}` : title,
    right: STATE_WORDS[guest.state],
    rightStyle: STATE_STYLES[guest.state],
    focused,
    absent: guest.state === "absent",
  });
  if (vif === null) {
    inside.put(0, 0, "no vif", DIM);
    return;
  }
  rowsOf(card, height, inside.width).forEach(([text, style], row) => {
    inside.put(0, row, fitLeft(text, inside.width), style);
  });
}

/** A long name loses its end, never its number. */
function titleOf({ name, domid }: GuestSnapshot, width: number): string {
  if (domid === null) return name;
  const number = `${width > 30 ? " · " : " "}dom${domid}`;
  const room = Math.max(4, width - 14 - number.length);
  return `${cellWidth(name) <= room ? name : fitLeft(name, room).trimEnd()}${number}`;
}

const STATE_WORDS: Readonly<Record<GuestSnapshot["state"], string>> = {
  absent: "not there",
  created: "created",
  booting: "booting",
  running: "running",
  paused: "paused",
};
const STATE_STYLES: Readonly<Record<GuestSnapshot["state"], Style>> = {
  absent: DIM,
  created: Fg.yellow,
  booting: Fg.yellow,
  running: PLAIN,
  paused: Fg.yellow | BOLD,
};

type Row = readonly [text: string, style: Style];

function rowsOf(card: GuestCard, height: number, width: number): readonly Row[] {
  const vif = card.vif!;
  const up = card.inner?.up === true && card.inner.carrier;
  const first: Row = [`${vif.guestDevice} ${vif.addresses[0] ?? "no address"}`, up ? PLAIN : DIM];
  const mac: Row = [vif.mac, DIM];
  const handshake: Row = [`xenbus ${vif.backend ?? "–"} / ${vif.frontend ?? "–"}`, DIM];
  const rings =
    vif.transmit === null || vif.receive === null
      ? [handshake]
      : [ringRow("TX", vif.transmit, width), ringRow("RX", vif.receive, width)];
  if (height >= 8) return [first, mac, ...rings, ...(rings.length > 1 ? [handshake] : []), countersRow(card)];
  if (height >= 6) return [first, mac, ...rings];
  return height >= 5 ? [first, ...rings] : [first];
}

function ringRow(name: string, ring: RingSnapshot, width: number): Row {
  const isFull = ring.used >= (name === "TX" ? STOPS_AT : ring.size);
  const isBusy = ring.used >= BUSY_SHARE * ring.size;
  const numbers = isFull ? " full" : `${ring.used}/${ring.size}`.padStart(8);
  const bar = gauge(ring.used, ring.size, Math.max(4, width - 5 - 8));
  const style = isFull ? Fg.red | BOLD : isBusy ? Fg.yellow : ring.used === 0 ? DIM : Fg.blue;
  return [`${name} ▕${bar}▏${isBusy && !isFull ? numbers.replace(/^ /, "!") : numbers}`, style];
}

function countersRow({ inner, outer }: GuestCard): Row {
  const device = inner ?? outer;
  if (device === null) return ["", PLAIN];
  const { txPackets, rxPackets, txDropped, rxDropped } = device.counters;
  const lost = txDropped + rxDropped + (outer === null || outer === device ? 0 : outer.counters.txDropped);
  return [`tx ${count(txPackets)}  rx ${count(rxPackets)}  drop ${count(lost)}`, lost > 0 ? Fg.yellow : DIM];
}
