/**
 * `mode: route`: the guests have addresses of the LAN and are routed to by domain 0, which answers ARP for them there. With xl
 * no script of Xen switches that on: the host's sysctls do, as an admin would write them.
 */
import { formatCidr, formatIpv4 } from "../../../packet/address.ts";
import { LAN, lanGuest, NIC, type ShortMode } from "./form.ts";

export const route: ShortMode = {
  host: (lan) => ({
    nics: { [NIC]: { network: LAN, ip: formatCidr(lan.host), gateway: formatIpv4(lan.gateway) } },
    "vif-script": "vif-route",
    sysctl: { "net.ipv4.ip_forward": 1, [`net.ipv4.conf.${NIC}.proxy_arp`]: 1 },
  }),
  domain: (guest, lan) => lanGuest(guest, lan, [`ip=${guest.ip.split("/")[0]}`]),
  hostAddress: ["nics", NIC],
};
