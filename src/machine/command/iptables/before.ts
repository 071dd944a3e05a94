/**
 * How a table was before a command, which changes all that it names or nothing: the kernel's transaction (nf_tables_api.c,
 * nf_tables_commit and __nf_tables_abort).
 */
import type { Table } from "../../../stack/netfilter/table.ts";

export interface Before {
  /** The table as it was, for the place of the one that has been changed. */
  restored(): Table;
}

/** Before a command that may do anything. */
export class Copied implements Before {
  private readonly copy: Table;

  constructor(table: Table) {
    this.copy = table.copy();
  }

  restored(): Table {
    return this.copy;
  }
}

/** Before rules are added to one chain, all in one place: `at`, or its end. */
export class Added implements Before {
  private readonly table: Table;
  private readonly name: string;
  private readonly at: number;
  private readonly existed: boolean;
  /** Null: the chain comes with its first rule. */
  private readonly length: number | null;

  constructor(table: Table, name: string, at: number | null) {
    this.table = table;
    this.name = name;
    this.existed = table.exists;
    this.length = table.chain(name)?.length ?? null;
    this.at = at ?? this.length ?? 0;
  }

  restored(): Table {
    const { table, name, length } = this;
    const chain = table.chain(name);
    if (chain === null) return table;
    while (chain.length > (length ?? 0)) chain.delete(this.at);
    if (length === null) table.chains.delete(name);
    table.exists = this.existed;
    return table;
  }
}
