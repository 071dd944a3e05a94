/** The machines that have a prompt, in one line: hosts, their guests, boxes outside. */
import { BOLD, DIM, INVERSE, PLAIN } from "../../screen/style.ts";
import { cellWidth, type Surface } from "../../screen/surface.ts";
import type { Look } from "../view.ts";

export const machinesOf = ({ snapshot }: Look): readonly string[] => [
  ...snapshot.hosts.flatMap(({ name, guests }) => [
    name,
    ...guests.filter(({ machine }) => machine !== null).map((guest) => guest.name),
  ]),
  ...snapshot.machines.map(({ name }) => name),
];

/** Columns for how many more there are. */
const MORE = 4;
const HINT = "alt-← alt-→ machine";

export function drawTabs(surface: Surface, look: Look, machine: string, typing: boolean): void {
  surface.put(0, 0, "─".repeat(surface.width), DIM);
  const placed = tabs(look, surface.width, machine);
  for (const { name, x } of placed) surface.put(x, 0, ` ${name} `, name === machine ? BOLD | INVERSE : PLAIN);
  const more = machinesOf(look).length - placed.length;
  const last = placed.at(-1);
  if (more > 0 && last !== undefined) surface.put(last.x + cellWidth(last.name) + 2, 0, ` +${more} `, DIM);
  const hint = typing ? HINT : "keys: i types again";
  surface.putRight(surface.width - 1, 0, ` ${hint} `, typing ? DIM : BOLD);
}

/** The machine whose tab stands at column `x`. */
export function tabAt(look: Look, x: number, width: number, front: string): string | null {
  return tabs(look, width, front).find((tab) => x >= tab.x && x < tab.x + cellWidth(tab.name) + 2)?.name ?? null;
}

/** As many as fit; when there are more, the one in front is among them. */
function tabs(look: Look, width: number, front: string): { readonly name: string; readonly x: number }[] {
  const room = width - HINT.length - 4 - MORE;
  const names = machinesOf(look);
  const placed: { name: string; x: number }[] = [];
  let x = 1;
  for (const name of names) {
    const end = x + cellWidth(name) + 2;
    if (end > room) break;
    placed.push({ name, x });
    x = end + 1;
  }
  const last = placed.at(-1);
  if (front !== "" && names.includes(front) && last !== undefined && !placed.some(({ name }) => name === front))
    placed[placed.length - 1] = { name: front, x: last.x };
  return placed;
}
