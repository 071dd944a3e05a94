/**
 * Bridge mode as articles and books on Xen 3 tell it: eight steps for the host and two for each guest. The real scripts do
 * the same things in another order and some more; every step of theirs names the heading it belongs to.
 */

export interface Heading {
  readonly id: HeadingId;
  readonly part: "host" | "guest";
  /** Counted within its part, from 1. */
  readonly number: number;
  readonly title: string;
}

const HOST = {
  "create-bridge": "create virtual bridge xenbr0",
  "stop-nic": "stop physical NIC eth0",
  "copy-identity": "copy MAC and IP of eth0 to veth0",
  "rename-nic": "rename eth0 to peth0",
  "rename-veth": "rename veth0 to eth0",
  "quiet-nic": "peth0 gets MAC FE:FF:FF:FF:FF:FF and ARP off",
  "attach-ports": "attach peth0 and vif0.0 to xenbr0",
  "bring-up": "bring up peth0, vif0.0, xenbr0",
} as const;

const GUEST = {
  "attach-vif": "attach vifX.0 to xenbr0",
  "bring-up-vif": "bring vifX.0 up",
} as const;

export type HeadingId = keyof typeof HOST | keyof typeof GUEST;

const headings = (part: Heading["part"], titles: Readonly<Record<string, string>>): Heading[] =>
  Object.entries(titles).map(([id, title], i) => ({ id: id as HeadingId, part, number: i + 1, title }));

/** The eight of the host, then the two of a guest. */
export const HEADINGS: readonly Heading[] = [...headings("host", HOST), ...headings("guest", GUEST)];
