/** What a table below the map is: rows of a host, each with what it says and what can be done about it. */
import type { Surface } from "../../../screen/surface.ts";
import type { Look } from "../../view.ts";
import type { RowThing, Scene } from "../things.ts";

export interface HostTable {
  readonly id: string;
  /** In the rule of other tables, where this one can be had. */
  readonly word: string;
  /** Does this host have such a table? */
  isThere(scene: Scene): boolean;
  title(scene: Scene): string;
  /** At the right end of its rule. */
  note(scene: Scene): string;
  /** Instead of rows. */
  empty(scene: Scene): string;
  rows(scene: Scene): readonly RowThing[];
  /** Columns in which rows stand side by side at that width. */
  columns(width: number): number;
  /** Into the one row of `line`. */
  draw(line: Surface, row: RowThing, scene: Scene, look: Look): void;
}
