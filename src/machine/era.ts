/**
 * The eras of Xen: what a host of that version is born with. An era is chosen once, when the host is built; nothing in the
 * model asks for it afterwards.
 */

import { CLASSIC, CLASSIC_UNQUEUED } from "../xen/border-classic.ts";
import type { BorderKind } from "../xen/border-kind.ts";
import { MODERN } from "../xen/border-modern.ts";
import type { Toolset } from "./command/index.ts";
import { networkBridge30 } from "./setup/network-bridge-3.0.ts";
import { networkBridge31 } from "./setup/network-bridge-3.1.ts";
import { networkBridge42 } from "./setup/network-bridge-4.2.ts";
import { networkNat30, networkNat31, networkNat42 } from "./setup/network-nat.ts";
import { networkRoute30, networkRoute31, networkRoute42 } from "./setup/network-route.ts";
import type { Script } from "./setup/script.ts";
import { vifBridgeDebian, vifBridgeUpstream } from "./setup/vif-bridge.ts";
import { vifBridge42 } from "./setup/vif-bridge-4.2.ts";
import { vifBridge30, vifBridge31 } from "./setup/vif-bridge-classic.ts";
import { vifNat30, vifNat31, vifNat42, vifNatDebian, vifNatUpstream } from "./setup/vif-nat.ts";
import { vifRoute30, vifRoute31, vifRoute42, vifRouteDebian, vifRouteUpstream } from "./setup/vif-route.ts";
import { vifSetup } from "./setup/vif-setup.ts";
import { xenHotplugCleanup } from "./setup/xen-hotplug-cleanup.ts";
import { XEND_3_0, XEND_3_1, XEND_4_2, type XendEra } from "./xend/era.ts";

export type XenVersion = "3.0" | "3.1" | "4.2" | "4.17";
export type Distro = "upstream" | "debian";

export interface Era {
  readonly version: XenVersion;
  /** In the file tree of domain 0. */
  readonly scripts: Readonly<Record<Distro, readonly Script[]>>;
  /** What is in its bin directories. */
  readonly tools: Toolset;
  /** vifs and guests are looked after by xend, which runs a network script when it starts; or by xl, which runs none. */
  readonly toolstack: "xend" | "xl";
  /** What that xend does in its own way; null with xl. */
  readonly xend: XendEra | null;
  /** Netback in domain 0 and netfront in its guests. */
  readonly border: BorderKind;
  /** Pairs of vethN and vif0.N that netloop makes at boot. */
  readonly netloopPairs: number;
  /** Without vifnum= network-bridge takes the number of the NIC behind the default route, rather than 0. */
  readonly vifnumOfDefaultNic: boolean;
  /** Of the routes that vif-route makes to a guest; null: they have none. */
  readonly routeMetric: number | null;
  /** vif-nat reckons with what stands behind the slash of ip=, and fails where there is none. */
  readonly natNeedsPrefix: boolean;
  /** `uname -r` and `uname -v` of domain 0 and its guests. */
  readonly kernel: { readonly release: string; readonly version: string };
}

const LINUX_2_6_12 = { release: "2.6.12.6-xen0", version: "#1 SMP Mon Dec 5 18:27:44 UTC 2005" };
const LINUX_2_6_18 = { release: "2.6.18-xen", version: "#1 SMP Fri May 18 14:32:11 UTC 2007" };
const LINUX_3_2 = { release: "3.2.0-4-amd64", version: "#1 SMP Debian 3.2.51-1" };
const LINUX_6_1 = { release: "6.1.0-18-amd64", version: "#1 SMP PREEMPT_DYNAMIC Debian 6.1.76-1 (2024-02-01)" };

const same = (...scripts: Script[]): Era["scripts"] => ({ upstream: scripts, debian: scripts });

export const ERAS: Readonly<Record<XenVersion, Era>> = {
  "3.0": {
    version: "3.0",
    scripts: same(networkBridge30, networkRoute30, networkNat30, vifBridge30, vifRoute30, vifNat30, xenHotplugCleanup),
    tools: "classic",
    toolstack: "xend",
    xend: XEND_3_0,
    border: CLASSIC_UNQUEUED,
    netloopPairs: 8,
    vifnumOfDefaultNic: false,
    routeMetric: null,
    natNeedsPrefix: true,
    kernel: LINUX_2_6_12,
  },
  "3.1": {
    version: "3.1",
    scripts: same(networkBridge31, networkRoute31, networkNat31, vifBridge31, vifRoute31, vifNat31, xenHotplugCleanup),
    tools: "classic",
    toolstack: "xend",
    xend: XEND_3_1,
    border: CLASSIC,
    netloopPairs: 4,
    vifnumOfDefaultNic: true,
    routeMetric: null,
    natNeedsPrefix: false,
    kernel: LINUX_2_6_18,
  },
  "4.2": {
    version: "4.2",
    scripts: same(
      networkBridge42,
      networkRoute42,
      networkNat42,
      vifBridge42,
      vifRoute42,
      vifNat42,
      vifSetup,
      xenHotplugCleanup,
    ),
    tools: "both",
    toolstack: "xend",
    xend: XEND_4_2,
    border: MODERN,
    netloopPairs: 0,
    vifnumOfDefaultNic: false,
    routeMetric: null,
    natNeedsPrefix: false,
    kernel: LINUX_3_2,
  },
  "4.17": {
    version: "4.17",
    scripts: {
      upstream: [vifBridgeUpstream, vifRouteUpstream, vifNatUpstream],
      debian: [vifBridgeDebian, vifRouteDebian, vifNatDebian],
    },
    tools: "modern",
    toolstack: "xl",
    xend: null,
    border: MODERN,
    netloopPairs: 0,
    vifnumOfDefaultNic: false,
    routeMetric: 2,
    natNeedsPrefix: false,
    kernel: LINUX_6_1,
  },
};

/** Oldest first. */
export const XEN_VERSIONS = Object.keys(ERAS) as XenVersion[];
/** Of a host that does not say. */
export const DEFAULT_XEN: XenVersion = "4.17";
