/**
 * The border of linux-2.6.18-xen, in Xen 3.0 to 4.1's own kernel: netback without a FIFO, one event channel, netfront with
 * a growing target of receive buffers and an ARP reply that nobody asked for.
 */
import type { Mac } from "../packet/address.ts";
import type { BackendPlace } from "./backend.ts";
import { ClassicBackend } from "./backend-classic.ts";
import type { BorderKind } from "./border-kind.ts";
import type { FrontendPlace } from "./frontend.ts";
import { ClassicFrontend } from "./frontend-classic.ts";
import type { NetfrontPlace } from "./netfront.ts";
import { ClassicNetfront } from "./netfront-classic.ts";
import type { VifPlace } from "./vif.ts";
import { ClassicVif } from "./vif-classic.ts";

class ClassicBorder implements BorderKind {
  readonly name: string;
  readonly greeting = "netfront: Initialising virtual ethernet driver.";
  readonly features = [
    ["feature-sg", "1"],
    ["feature-gso-tcpv4", "1"],
    ["feature-rx-copy", "1"],
    ["feature-rx-flip", "0"],
  ] as const;
  /** netback's module parameter queue_length: the vif's txqueuelen. */
  readonly queueLength: number;

  constructor(name: string, queueLength: number) {
    this.name = name;
    this.queueLength = queueLength;
  }

  makeVif(place: VifPlace): ClassicVif {
    return new ClassicVif(place, this.queueLength);
  }

  makeBackend(place: BackendPlace): ClassicBackend {
    return new ClassicBackend(place);
  }

  makeFrontend(place: FrontendPlace): ClassicFrontend {
    return new ClassicFrontend(place);
  }

  makeNetfront(place: NetfrontPlace, name: string, mac: Mac): ClassicNetfront {
    return new ClassicNetfront(place, name, mac);
  }
}

/** Xen 3.0.3 and later. */
export const CLASSIC: BorderKind = new ClassicBorder("classic", 32);
/** Xen 3.0.0: no queue before the vif. */
export const CLASSIC_UNQUEUED: BorderKind = new ClassicBorder("classic-unqueued", 0);
