/** A kind of export: a text that another tool reads, made of a plan. */
import type { Plan } from "../topology/plan.ts";

export interface ExportKind {
  /** What `--to` says. */
  readonly name: string;
  readonly summary: string;
  /** How the file is called when nobody says: after the topology. */
  readonly extension: string;
  readonly print: (plan: Plan) => string;
}
