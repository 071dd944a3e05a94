/** What the domain name system said about a name, kept for the instant in which a command reads it. */
import type { Nanos } from "../engine/time.ts";
import type { Ipv4 } from "../packet/address.ts";

export interface Lookup {
  readonly at: Nanos;
  readonly address: Ipv4 | null;
  readonly canonical: string;
  /** Why there is no address. */
  readonly failure: string;
}
