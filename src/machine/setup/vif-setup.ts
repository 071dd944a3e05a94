/** vif-setup, which udev's rules of Xen 4.0 to 4.5 run for every vif: it becomes the device's own script. */
import type { Script } from "./script.ts";

export const vifSetup: Script = {
  id: "vif-setup 4.2",
  kind: "hotplug",
  path: "/etc/xen/scripts/vif-setup",
  summary: "Runs a vif's hotplug script for udev.",
  steps: [
    {
      run: "$script $command type_if=$type_if",
      why: "The script of the guest's configuration, or the toolstack's default, as netback's uevent names it.",
      when: (script) => script.get("script") !== "",
    },
    {
      run: "/etc/xen/scripts/vif-bridge $command type_if=$type_if",
      why: "The uevent names none.",
      when: (script) => script.get("script") === "",
    },
  ],
};
