/** A hotplug script of the user's own that never says that it is done. */
import type { TrapFinder } from "./trap.ts";

/** What says it: the key itself, or a script of Xen's own that is handed the work. */
const SAYS_SO = /hotplug-status|\bsuccess\b|vif-(bridge|route|nat)\b/;

export const silentScript: TrapFinder = {
  name: "silent-script",
  find: (host) =>
    host.plan.scripts
      .filter(({ text }) => !SAYS_SO.test(text))
      .map(({ name }) => ({
        what: `The script ${name} never writes hotplug-status: no vif that it connects becomes connected.`,
        step: `${name} online`,
        why: "Netback, and a toolstack that waits, hold back until that key says connected; after 40 s of xl, 100 s of xend, the guest is given up.",
        mend: ["xenstore-write $XENBUS_PATH/hotplug-status connected   (the script's last line)"],
      })),
};
