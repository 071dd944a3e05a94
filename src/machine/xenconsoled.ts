/** xenconsoled as far as others see it: the terminal it opens for a domain's console. */
import type { XenStore } from "../xen/xenstore.ts";

/** The lowest /dev/pts number that no console has. */
export function freeTerminal(store: XenStore): string {
  const taken = new Set(store.readBelow("/local/domain", "console/tty"));
  let number = 0;
  while (taken.has(`/dev/pts/${number}`)) number++;
  return `/dev/pts/${number}`;
}
