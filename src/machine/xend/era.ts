/**
 * What differs between the xends of Xen 3.0, 3.1 and 4.2, as data: an era is chosen once per host and nothing asks for
 * a version. Follows tools/python/xen/xend of RELEASE-3.0.0, of April 2007 (3.0.3 to 3.1) and of RELEASE-4.2.5.
 */
import { type Nanos, seconds } from "../../engine/time.ts";

export interface XendEra {
  readonly name: "3.0" | "3.1" | "4.2";
  /**
   * Keys xend writes, in the order in which it does: a Python 2 dictionary's, for the usual few keys. A key without a
   * value is left out.
   */
  readonly backendKeys: readonly string[];
  readonly frontendKeys: readonly string[];
  /** Below /vm/UUID/device/vif/Y. */
  readonly vmKeys: readonly string[];
  /** The type written when the configuration has none. */
  readonly vifType: string | null;
  /** `type=ioemu` gives no vif at all. */
  readonly skipsEmulated: boolean;
  /** Which devices a domain has xend finds below /vm; else below domain 0's backend directory. */
  readonly devicesInVm: boolean;
  /** A MAC address that was made up stays with the domain when it reboots. */
  readonly keepsMac: boolean;
  /** Of a failed script the user reads its own word (hotplug-error). */
  readonly tellsHotplugError: boolean;
  /** `%s already ...`: the sentence for a name that is taken. */
  readonly nameTaken: string;
  /** A detached device is waited for, and does not come back when the domain reboots. */
  readonly detachIsForGood: boolean;
  /** Destroying a domain closes its devices, rather than taking their frontends' directories away. */
  readonly closesDevices: boolean;
  /** How long a guest may take to shut down before it is destroyed. */
  readonly shutdownTimeout: Nanos;
  /** A domain that reboots earlier than this is destroyed. */
  readonly minimumRestart: Nanos;
  /** Since when that counts: its start, or the reboot before, unless the admin asked for this one. */
  readonly restartCountsFrom: "start" | "restart";
  /** A reboot waits for hotplug scripts. */
  readonly restartWaits: boolean;
  /** Before a line of xend.log: module and process id, as far as they are there. */
  readonly logStamp: "name" | "module" | "pid";
  /** /etc/udev/rules.d/xen-backend.rules */
  readonly udevRules: string;
}

const BACKEND = (
  "bridge domain handle uuid script ip rate state frontend accel mac vifname online frontend-id model " +
  "security_label type"
).split(" ");
const without = (keys: readonly string[], ...gone: string[]): readonly string[] =>
  keys.filter((key) => !gone.includes(key));
const FRONTEND = ["backend-id", "mac", "handle", "state", "backend"];

const SCRIPT_RULES = `SUBSYSTEM=="xen-backend", KERNEL=="vif*", ACTION=="online", RUN+="$env{script} online"
SUBSYSTEM=="xen-backend", KERNEL=="vif*", ACTION=="offline", RUN+="$env{script} offline"
`;

/** In 3.0.0 three commands on as many lines, which a shell with `$(...)` runs; since then a script of that name. */
const CLEANUP_RULE = `SUBSYSTEM=="xen-backend", ACTION=="remove", RUN+="/etc/xen/scripts/xen-hotplug-cleanup"
`;

export const XEND_3_0: XendEra = {
  name: "3.0",
  backendKeys: without(BACKEND, "uuid", "rate", "accel", "vifname", "online", "model", "security_label", "type"),
  frontendKeys: FRONTEND,
  vmKeys: [],
  vifType: null,
  skipsEmulated: true,
  devicesInVm: false,
  keepsMac: true,
  tellsHotplugError: false,
  nameTaken: "VM name '%name' already in use by domain %id",
  detachIsForGood: false,
  closesDevices: false,
  shutdownTimeout: seconds(30),
  minimumRestart: seconds(20),
  restartCountsFrom: "restart",
  restartWaits: false,
  logStamp: "name",
  udevRules: `${SCRIPT_RULES}${CLEANUP_RULE}`,
};

export const XEND_3_1: XendEra = {
  ...XEND_3_0,
  name: "3.1",
  backendKeys: without(BACKEND, "accel", "security_label"),
  vmKeys: ["bridge", "uuid", "script", "ip", "rate", "mac", "vifname", "model", "type"],
  vifType: "netfront",
  skipsEmulated: false,
  keepsMac: false,
  tellsHotplugError: true,
  nameTaken: "VM name '%name' already exists as domain %id",
  logStamp: "module",
};

export const XEND_4_2: XendEra = {
  ...XEND_3_1,
  name: "4.2",
  backendKeys: BACKEND,
  frontendKeys: ["handle", "state", "mac", "protocol", "backend-id", "backend"],
  vmKeys: ["frontend", "frontend-id", "backend-id", "backend"],
  vifType: null,
  devicesInVm: true,
  keepsMac: true,
  nameTaken: "Domain '%name' already exists with ID '%id'",
  detachIsForGood: true,
  closesDevices: true,
  shutdownTimeout: seconds(300),
  minimumRestart: seconds(60),
  restartCountsFrom: "start",
  restartWaits: true,
  logStamp: "pid",
  udevRules: `SUBSYSTEM=="xen-backend", KERNEL=="vif-*", ENV{UDEV_CALL}="1", ACTION=="online", RUN+="/etc/xen/scripts/vif-setup online type_if=vif"
SUBSYSTEM=="xen-backend", KERNEL=="vif-*", ENV{UDEV_CALL}="1", ACTION=="offline", RUN+="/etc/xen/scripts/vif-setup offline type_if=vif"
SUBSYSTEM=="xen-backend", ACTION=="remove", ENV{UDEV_CALL}="1", RUN+="/etc/xen/scripts/xen-hotplug-cleanup"
`,
};
