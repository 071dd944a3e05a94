/** The tables of a host below its map, in the order in which `tab` goes through them. A new one is a file and a line. */
import { conntrack } from "./conntrack.ts";
import { fdb } from "./fdb.ts";
import { leases } from "./leases.ts";
import { routes } from "./routes.ts";
import { rules } from "./rules.ts";
import type { HostTable } from "./table.ts";

export const TABLES: readonly HostTable[] = [fdb, routes, rules, conntrack, leases];
