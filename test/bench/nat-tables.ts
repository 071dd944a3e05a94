/** What NAT costs, and whether many flows cost more than few: medians of five rounds, the kinds taken in turn. */
import { median } from "./calibrate.ts";
import { type NatKind, NatPath } from "./nat.ts";

const ROUNDS = 5;
const FRAMES = 240_000;
const FEW = 1_000;

const CASES: readonly (readonly [NatKind, number])[] = [
  ["routing alone", FEW],
  ["conntrack and MASQUERADE", FEW],
  ["conntrack and MASQUERADE", 10_000],
  ["conntrack and MASQUERADE", 60_000],
];

export function benchNat(): void {
  console.log(
    "\nguest -> vif1.0 -> dom0 -> eth0, 60 bytes, bursts of 8, UDP flows in turn (goal: 0.5 M frames/s at 10,000)",
  );
  console.log("the host does              flows  M frames/s  ns/frame  range        ratio  lost");
  const paths = CASES.map(([kind, flows]) => new NatPath(kind, flows));
  for (const path of paths) path.drive(FRAMES);
  const rounds = Array.from({ length: ROUNDS }, () => paths.map((path) => path.drive(FRAMES)));
  const few = median(rounds.map((round) => round[1]!.nanos));
  for (const [i, [kind, flows]] of CASES.entries()) {
    const nanos = rounds.map((round) => round[i]!.nanos);
    const lost = rounds.reduce((sum, round) => sum + FRAMES - round[i]!.delivered, 0);
    const middle = median(nanos);
    const range = `${Math.min(...nanos).toFixed(0)}-${Math.max(...nanos).toFixed(0)}`;
    const cells = [
      kind.padEnd(24),
      String(flows).padStart(7),
      (1e3 / middle).toFixed(2).padStart(11),
      middle.toFixed(0).padStart(9),
      ` ${range.padEnd(11)}`,
      (middle / few).toFixed(2).padStart(5),
      String(lost).padStart(5),
    ];
    console.log(cells.join(" "));
  }
}
