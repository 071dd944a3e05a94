/** `mode: bridge`: eth0 is a port of xenbr0, which has the host's address, and so is every guest's vif. */
import { formatCidr, formatIpv4 } from "../../../packet/address.ts";
import { DEFAULT_BRIDGE } from "../../../xen/vif-config.ts";
import { LAN, lanGuest, NIC, type ShortMode } from "./form.ts";

export const bridge: ShortMode = {
  host: (lan) => ({
    nics: { [NIC]: { network: LAN } },
    bridges: { [DEFAULT_BRIDGE]: { ports: [NIC], ip: formatCidr(lan.host), gateway: formatIpv4(lan.gateway) } },
  }),
  domain: (guest, lan) => lanGuest(guest, lan, [`bridge=${DEFAULT_BRIDGE}`]),
  hostAddress: ["bridges"],
};
