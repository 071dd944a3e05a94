// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the braces are the shell's
/**
 * xen-hotplug-cleanup, which udev runs when a backend device is gone: takes what xenstore says of it away. Follows the
 * script of Xen 4.2; that of 3.1 leaves /vm to xend. Not modelled: its lock.
 */
import type { Script, ScriptView } from "./script.ts";

const hasVm = (script: ScriptView): boolean => script.get("vm") !== "";

export const xenHotplugCleanup: Script = {
  id: "xen-hotplug-cleanup",
  kind: "plain",
  path: "/etc/xen/scripts/xen-hotplug-cleanup",
  summary: "Takes away what xenstore says of a backend device that is gone.",
  steps: [
    // Domain and device number stand in the path.
    { set: "ids", to: "${XENBUS_PATH#backend/vif/}" },
    {
      run: "xenstore-read /local/domain/${ids%/*}/vm",
      why: "Where the domain's configuration is; nowhere, when the domain went first.",
      into: "vm",
      quiet: true,
      failure: "ignored",
    },
    {
      run: "xenstore-read $XENBUS_PATH/frontend",
      why: "Where the guest's end is, to take it away first.",
      into: "frontend",
      quiet: true,
      failure: "ignored",
    },
    {
      run: "xenstore-rm -t $frontend",
      why: "The guest's end goes, and directories above it that are then empty.",
      when: (script) => script.get("frontend") !== "",
      quiet: true,
      failure: "ignored",
    },
    {
      run: "xenstore-rm -t $XENBUS_PATH",
      why: "Then domain 0's end, and what is empty above it.",
      quiet: true,
      failure: "ignored",
    },
    {
      run: "xenstore-rm -t error/$XENBUS_PATH",
      why: "What netback may have complained of.",
      quiet: true,
      failure: "ignored",
    },
    {
      run: "xenstore-rm -t $vm/device/vif/${ids#*/}",
      why: "The toolstack's own note of the device.",
      when: hasVm,
      quiet: true,
      failure: "ignored",
    },
  ],
};
