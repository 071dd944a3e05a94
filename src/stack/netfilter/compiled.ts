/**
 * A table and its program, which is made when the first packet asks for it: a hotplug script that adds two rules for each
 * of a thousand vifs, or a file of rules, changes a table many times before anybody looks.
 */
import { Program } from "./program.ts";
import type { Table } from "./table.ts";

/** Of one state of the table: a change makes another. */
export class Compiled {
  private readonly table: Table;
  private made: Program | null = null;

  constructor(table: Table) {
    this.table = table;
  }

  get program(): Program {
    this.made ??= new Program(this.table);
    return this.made;
  }
}
