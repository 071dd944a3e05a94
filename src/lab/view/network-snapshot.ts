/** A network outside at one instant: a switch, a hub or a cable, and who hangs on it. */
import type { Nanos } from "../../engine/time.ts";
import type { NetworkPlan } from "../topology/plan.ts";
import type { Link, Wiring } from "../wiring.ts";

export interface NetworkSnapshot {
  readonly name: string;
  readonly kind: NetworkPlan["kind"];
  /** bit/s of each link; null: unlimited. */
  readonly rate: number | null;
  /** One way, from end to end. */
  readonly delay: Nanos;
  /** In the order of the topology. */
  readonly links: readonly LinkSnapshot[];
}

export interface LinkSnapshot {
  readonly machine: string;
  readonly device: string;
  readonly plugged: boolean;
  /** The cable is plugged and the devices at both of its ends are switched on. */
  readonly up: boolean;
}

export function networkSnapshots(plans: readonly NetworkPlan[], wiring: Wiring): NetworkSnapshot[] {
  const links = new Map<string, LinkSnapshot[]>(plans.map(({ name }) => [name, []]));
  for (const link of wiring.links) links.get(link.network)?.push(linkSnapshot(link));
  return plans.map(({ name, kind, rate, delay }) => ({
    name,
    kind,
    rate: rate === 0 ? null : rate,
    delay,
    links: links.get(name)!,
  }));
}

const linkSnapshot = ({ nic, cable }: Link): LinkSnapshot => ({
  machine: nic.table.machine,
  device: nic.name,
  plugged: cable.plugged,
  up: cable.link,
});
