/**
 * The plan: a topology with every default filled, every name checked and every MAC address made. Plain readonly data;
 * `build` makes a lab from it, `print-plan.ts` prints it. Times are integer nanoseconds, rates bit/s.
 */
import type { Nanos } from "../../engine/time.ts";
import type { Distro, XenVersion } from "../../machine/era.ts";
import type { NetworkDefinition } from "../../machine/libvirt/network.ts";
import type { Cidr, Ipv4, Mac } from "../../packet/address.ts";
import type { VifConfig } from "../../xen/vif-config.ts";

export interface Plan {
  readonly name: string;
  readonly about: string;
  readonly seed: number;
  /** seconds since 1970: what the virtual clock shows at the start */
  readonly epoch: number;
  readonly networks: readonly NetworkPlan[];
  readonly hosts: readonly HostPlan[];
  readonly machines: readonly MachinePlan[];
  readonly capture: CapturePlan;
  readonly scenario: readonly ScenarioPlan[];
  readonly checks: readonly CheckPlan[];
  /** the end of the run; null when it ends by itself */
  readonly until: Nanos | null;
}

export interface NetworkPlan {
  readonly name: string;
  readonly kind: "switch" | "hub" | "cable";
  /** bit/s; 0 is no limit */
  readonly rate: number;
  /** ns, one way */
  readonly delay: Nanos;
  /** ns, added at random to the delay */
  readonly jitter: Nanos;
  /** 0 to 1, of the frames */
  readonly loss: number;
  readonly duplicate: number;
  readonly reorder: number;
  readonly corrupt: number;
  readonly mtu: number;
}

/**
 * As the era's scripts do it, or as articles tell it. In route mode these copy an address to the vif: the guest's own, as most
 * articles say, or that of domain 0, as the script reads them.
 */
export type Telling = "script" | "textbook" | "textbook-dom0";

export interface HostPlan {
  readonly name: string;
  readonly xen: XenVersion;
  readonly distro: Distro;
  readonly telling: Telling;
  /** of dom0 */
  readonly vcpus: number;
  /** MiB, of dom0 */
  readonly memory: number;
  readonly nics: readonly NicPlan[];
  readonly bridges: readonly BridgePlan[];
  /** what xend runs when it starts, each with its arguments: "network-bridge netdev=eth1"; none with xl */
  readonly networkScripts: readonly string[];
  /** text of /etc/network/interfaces on a host with xend; null: made from the NICs */
  readonly interfaces: string | null;
  /** for a vif that names none: a file of /etc/xen/scripts */
  readonly vifScript: string;
  /** scripts of the user's own there */
  readonly scripts: readonly ScriptFile[];
  /** networks of libvirt, defined in this order and started by themselves */
  readonly libvirt: readonly LibvirtPlan[];
  readonly domains: readonly DomainPlan[];
  readonly sysctl: readonly SysctlPlan[];
  /** service times and latencies that differ from the model's own, in ns, by name */
  readonly timing: Readonly<Record<string, Nanos>>;
  /** command lines run in dom0 after the set-up */
  readonly setup: readonly string[];
}

/** `bridge` has the name that libvirt gives where the XML names none. */
export interface LibvirtPlan {
  readonly xml: string;
  readonly definition: NetworkDefinition;
  readonly bridge: string;
}

export interface ScriptFile {
  readonly name: string;
  readonly text: string;
}

export interface SysctlPlan {
  readonly name: string;
  readonly value: string;
}

export interface NicPlan {
  readonly name: string;
  /** the network its cable leads to */
  readonly network: string;
  readonly mac: Mac;
  /** empty for a port of a bridge: its addresses are the bridge's */
  readonly addresses: readonly Cidr[];
  readonly gateway: Ipv4 | null;
  readonly mtu: number;
  /** asks a DHCP server; left out: no */
  readonly dhcp?: true;
  /** name servers; left out: none */
  readonly dns?: readonly Ipv4[];
}

export interface BridgePlan {
  readonly name: string;
  /** names of the host's NICs; vifs join when their domain starts */
  readonly ports: readonly string[];
  readonly addresses: readonly Cidr[];
  readonly gateway: Ipv4 | null;
  readonly stp: boolean;
  /** seconds */
  readonly forwardDelay: number;
  /** seconds */
  readonly ageing: number;
  /** null: the smallest of its ports, as the kernel chooses */
  readonly mtu: number | null;
}

/** `text` is what xl reads: as it was written, with a MAC address put before it when there was none. */
export type VifPlan = VifConfig & { readonly mac: Mac };

export interface DomainPlan {
  readonly name: string;
  readonly vcpus: number;
  /** MiB */
  readonly memory: number;
  readonly vifs: readonly VifPlan[];
  readonly inside: readonly InsidePlan[];
  /** command lines the guest runs when it has booted */
  readonly onBoot: readonly string[];
  /** started with the lab, in the order of the file */
  readonly autostart: boolean;
}

/** What a guest sets on its own device; `ethN` is the N-th vif. */
export interface InsidePlan {
  readonly device: string;
  readonly addresses: readonly Cidr[];
  readonly gateway: Ipv4 | null;
  readonly mtu: number | null;
  /** asks a DHCP server; left out: no */
  readonly dhcp?: true;
  /** name servers; left out: none */
  readonly dns?: readonly Ipv4[];
}

export interface MachinePlan {
  readonly name: string;
  readonly nics: readonly NicPlan[];
  readonly services: readonly string[];
  /** lines for dnsmasq.conf; left out: none */
  readonly dnsmasq?: readonly string[];
  readonly sysctl: readonly SysctlPlan[];
  /** net.ipv4.ip_forward */
  readonly forward: boolean;
  readonly setup: readonly string[];
}

export interface CapturePlan {
  /** every device of every machine; `points` is empty then */
  readonly all: boolean;
  readonly points: readonly CapturePoint[];
}

export interface CapturePoint {
  readonly machine: string;
  readonly device: string;
  /** in the language of tcpdump; null for every frame */
  readonly filter: string | null;
  readonly promiscuous: boolean;
  /** bytes kept of a frame */
  readonly snaplen: number;
}

export type ScenarioPlan =
  | {
      readonly kind: "run";
      readonly at: Nanos;
      readonly on: string;
      readonly run: string;
    }
  | {
      readonly kind: "plug" | "unplug";
      readonly at: Nanos;
      readonly machine: string;
      readonly device: string;
    };

export type Expectation =
  | { readonly kind: "ok" }
  | { readonly kind: "fail" }
  | { readonly kind: "exit"; readonly code: number }
  | {
      readonly kind: "stdout";
      readonly pattern: string;
      readonly flags: string;
    }
  /** `at` is a point "machine:device", null for any */
  | {
      readonly kind: "dropped";
      readonly code: string;
      readonly at: string | null;
    };

export interface CheckPlan {
  readonly name: string;
  readonly on: string;
  readonly run: string;
  readonly expect: Expectation;
  /** ns the command may take */
  readonly within: Nanos;
  /** ns of virtual time to wait for; null: when the scenario is over */
  readonly after: Nanos | null;
}
