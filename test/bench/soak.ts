/**
 * `npm run bench -- --soak [--frames N]`: memory over a long run. Frames go from guest to guest through a bridge, then out
 * through MASQUERADE; after each tenth stands what the process holds.
 */
import { NatPath } from "./nat.ts";
import { Path } from "./path.ts";

const TENTHS = 10;
const FLOWS = 1_000;
/** Of 100, how many go by which way. */
const BRIDGED_SHARE = 0.5;

/** Sends so many frames in bursts of 8; frames that did not arrive. */
type Way = (frames: number) => number;

export function benchSoak(frames: number): void {
  const path = new Path();
  const nat = new NatPath("conntrack and MASQUERADE", FLOWS);
  const bridged = 8 * Math.round((frames * BRIDGED_SHARE) / TENTHS / 8);
  const routed = 8 * Math.round(((1 - BRIDGED_SHARE) * frames) / TENTHS / 8);
  soak("guest to guest through both rings and the bridge, 60 bytes", bridged, (count) => {
    return count - path.drive(count, 60, 8).delivered;
  });
  console.log(`frames not accounted for: ${path.unaccounted}`);
  soak(`guest to outside by conntrack and MASQUERADE, ${FLOWS} flows`, routed, (count) => {
    return count - nat.drive(count).delivered;
  });
}

function soak(what: string, perTenth: number, way: Way): void {
  console.log(
    `\n${what}, bursts of 8: memory after each tenth${globalThis.gc === undefined ? "" : " and a collection"}`,
  );
  console.log("M frames   seconds   RSS MB   heap MB   outside the heap MB   lost");
  let lost = 0;
  const start = process.hrtime.bigint();
  for (let tenth = 0; tenth <= TENTHS; tenth++) {
    if (tenth > 0) lost += way(perTenth);
    globalThis.gc?.();
    const { rss, heapUsed, external } = process.memoryUsage();
    const cells = [
      ((tenth * perTenth) / 1e6).toFixed(1).padStart(8),
      (Number(process.hrtime.bigint() - start) / 1e9).toFixed(1).padStart(9),
      ...[rss, heapUsed].map((bytes) => (bytes / 1e6).toFixed(1).padStart(8)),
      (external / 1e6).toFixed(1).padStart(21),
      String(lost).padStart(6),
    ];
    console.log(cells.join(" "));
  }
}
