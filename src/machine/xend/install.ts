/** Makes a Xen host one of xend's time: the daemon and udevd as processes, their files. */
import { detached } from "../detached.ts";
import { RULES_DIRECTORY, Udevd } from "../udev/udevd.ts";
import type { XenHost } from "../xen-host.ts";
import { XEND_LOG } from "./context.ts";
import type { XendEra } from "./era.ts";
import { Xend } from "./xend.ts";

/** `vifScript` is xend-config.sxp's (vif-script ...): a name in /etc/xen/scripts or an absolute path. */
export function installXend(xen: XenHost, era: XendEra, vifScript = "vif-bridge"): Xend {
  const { machine } = xen;
  const { files } = machine;
  files.makePath(RULES_DIRECTORY);
  files.write(`${RULES_DIRECTORY}/xen-backend.rules`, era.udevRules);
  files.write(XEND_LOG, "");
  const xend = new Xend(xen, era, vifScript);
  machine.spawn(["/sbin/udevd", "--daemon"], { ...detached(machine), program: new Udevd(xen) });
  machine.spawn(["python", "/usr/sbin/xend", "start"], { ...detached(machine), program: xend });
  machine.parts.xend = xend;
  return xend;
}
