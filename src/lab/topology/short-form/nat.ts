/**
 * `mode: nat`: libvirt's default network. The guests are on virbr0, 192.168.122.0/24, which no wire leads to; domain 0 routes
 * and masquerades them. The outside cannot reach them. Their addresses are written out, or come from the network's DHCP server.
 */
import { formatCidr, formatIpv4 } from "../../../packet/address.ts";
import { DHCP } from "../values.ts";
import { LAN, NIC, type ShortMode } from "./form.ts";

const BRIDGE = "virbr0";
const GATEWAY = "192.168.122.1";
const PREFIX = 24;

export const nat: ShortMode = {
  host: (lan) => ({
    nics: { [NIC]: { network: LAN, ip: formatCidr(lan.host), gateway: formatIpv4(lan.gateway) } },
    libvirt: ["default"],
  }),
  domain: (guest) => {
    const words = [guest.mac && `mac=${guest.mac}`, `bridge=${BRIDGE}`, guest.rate && `rate=${guest.rate}`];
    const ip = guest.ip.includes("/") ? guest.ip : `${guest.ip}/${PREFIX}`;
    const address = guest.ip === DHCP ? { dhcp: true } : { ip, gateway: GATEWAY };
    const inside = { ...address, ...(guest.mtu === undefined ? {} : { mtu: guest.mtu }) };
    return {
      vif: words.filter((word) => word !== undefined && word !== "").join(","),
      inside: { [NIC]: inside },
      ...(guest.vcpus === undefined ? {} : { vcpus: guest.vcpus }),
      ...(guest.memory === undefined ? {} : { memory: guest.memory }),
    };
  },
  behind: true,
  // A port of virbr0 listens for 2 s and learns for 2 s; leases come after that, one every 3 s.
  pingsAt: (guests) => (guests.some(({ guest }) => guest.ip === DHCP) ? ["14s", "18s"] : ["8s", "12s"]),
  hostAddress: ["nics", NIC],
};
