/**
 * Which generation of netback and netfront a kernel has: a record, chosen once when a host or a guest is built. The two
 * there have been are in `border-modern.ts` and `border-classic.ts`; the list of them in `border-kinds.ts`.
 */
import type { Backend, BackendPlace } from "./backend.ts";
import type { Frontend, FrontendPlace, NetfrontMaker } from "./frontend.ts";
import type { Vif, VifPlace } from "./vif.ts";

export interface BorderKind extends NetfrontMaker {
  readonly name: string;
  /** What netback can do, in the order in which it writes it. */
  readonly features: readonly (readonly [key: string, value: string])[];
  /** What the guest's kernel says when netfront is loaded. */
  readonly greeting: string;
  makeVif(place: VifPlace): Vif;
  makeBackend(place: BackendPlace): Backend;
  makeFrontend(place: FrontendPlace): Frontend;
}
