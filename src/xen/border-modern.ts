/** The border of Linux 6.1, as recorded on Xen 4.17: netback with a FIFO, split event channels, multicast control. */
import type { Mac } from "../packet/address.ts";
import type { BackendPlace } from "./backend.ts";
import { ModernBackend } from "./backend-modern.ts";
import type { BorderKind } from "./border-kind.ts";
import type { FrontendPlace } from "./frontend.ts";
import { ModernFrontend } from "./frontend-modern.ts";
import { Netfront, type NetfrontPlace } from "./netfront.ts";
import type { VifPlace } from "./vif.ts";
import { ModernVif } from "./vif-modern.ts";

class ModernBorder implements BorderKind {
  readonly name = "modern";
  readonly greeting = "xen_netfront: Initialising Xen virtual ethernet driver";
  readonly features = [
    ["feature-sg", "1"],
    ["feature-gso-tcpv4", "1"],
    ["feature-gso-tcpv6", "1"],
    ["feature-ipv6-csum-offload", "1"],
    ["feature-rx-copy", "1"],
    ["feature-xdp-headroom", "1"],
    ["feature-rx-flip", "0"],
    ["feature-multicast-control", "1"],
    ["feature-dynamic-multicast-control", "1"],
    ["feature-split-event-channels", "1"],
    ["multi-queue-max-queues", "1"],
    ["feature-ctrl-ring", "1"],
  ] as const;

  makeVif(place: VifPlace): ModernVif {
    return new ModernVif(place);
  }

  makeBackend(place: BackendPlace): ModernBackend {
    return new ModernBackend(place);
  }

  makeFrontend(place: FrontendPlace): ModernFrontend {
    return new ModernFrontend(place);
  }

  makeNetfront(place: NetfrontPlace, name: string, mac: Mac): Netfront {
    return new Netfront(place, name, mac);
  }
}

export const MODERN: BorderKind = new ModernBorder();
