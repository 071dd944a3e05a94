/**
 * The three modes of a Xen host as articles and books tell them: numbered steps for the host, and for each guest. The real
 * scripts do the same things in another order and some more; every step of theirs names the heading it belongs to.
 */

export type Mode = "bridge" | "route" | "nat";

export interface Heading {
  readonly id: HeadingId;
  readonly part: "host" | "guest";
  /** Counted within its part, from 1. */
  readonly number: number;
  readonly title: string;
}

const BRIDGE_HOST = {
  "create-bridge": "create virtual bridge xenbr0",
  "stop-nic": "stop physical NIC eth0",
  "copy-identity": "copy MAC and IP of eth0 to veth0",
  "rename-nic": "rename eth0 to peth0",
  "rename-veth": "rename veth0 to eth0",
  "quiet-nic": "peth0 gets MAC FE:FF:FF:FF:FF:FF and ARP off",
  "attach-ports": "attach peth0 and vif0.0 to xenbr0",
  "bring-up": "bring up peth0, vif0.0, xenbr0",
} as const;

const BRIDGE_GUEST = {
  "attach-vif": "attach vifX.0 to xenbr0",
  "bring-up-vif": "bring vifX.0 up",
} as const;

const ROUTE_HOST = { forwarding: "switch on IP forwarding in domain 0" } as const;

const ROUTE_GUEST = {
  "copy-address": "create vifX.0 and copy the IP of eth0 to it",
  "bring-up-vif": "bring vifX.0 up",
  "static-route": "add a static route to the guest's address through vifX.0",
} as const;

const NAT_HOST = {
  "virtual-lan": "create the virtual LAN virbr0 with an address of domain 0",
  forwarding: "switch on IP forwarding in domain 0",
  masquerade: "masquerade what the virtual LAN sends out",
} as const;

const NAT_GUEST = {
  "attach-lan": "attach vifX.0 to virbr0",
  "bring-up-vif": "bring vifX.0 up",
} as const;

export type HeadingId =
  | keyof typeof BRIDGE_HOST
  | keyof typeof BRIDGE_GUEST
  | keyof typeof ROUTE_HOST
  | keyof typeof ROUTE_GUEST
  | keyof typeof NAT_HOST
  | keyof typeof NAT_GUEST;

const numbered = (part: Heading["part"], titles: Readonly<Record<string, string>>): Heading[] =>
  Object.entries(titles).map(([id, title], i) => ({ id: id as HeadingId, part, number: i + 1, title }));

const chapter = (host: Readonly<Record<string, string>>, guest: Readonly<Record<string, string>>): Heading[] => [
  ...numbered("host", host),
  ...numbered("guest", guest),
];

/** The host's steps, then those of a guest. */
export const HEADINGS: Readonly<Record<Mode, readonly Heading[]>> = {
  bridge: chapter(BRIDGE_HOST, BRIDGE_GUEST),
  route: chapter(ROUTE_HOST, ROUTE_GUEST),
  nat: chapter(NAT_HOST, NAT_GUEST),
};
