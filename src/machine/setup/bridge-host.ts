/**
 * The set-up of a Xen 4.x host in bridge mode as an admin or a distribution does it: bridge made, NIC attached, address
 * on the bridge. The order is that of the recorded Xen 4.17 host. Since 4.1 no Xen script does this.
 */
import { type Cidr, formatCidr, formatIpv4, type Ipv4 } from "../../packet/address.ts";
import type { Step } from "./step.ts";

export interface BridgeSetup {
  readonly name: string;
  readonly ports: readonly string[];
  readonly addresses: readonly Cidr[];
  readonly gateway: Ipv4 | null;
  readonly stp: boolean;
  /** Seconds. */
  readonly forwardDelay: number;
  readonly ageing: number;
  readonly mtu: number | null;
}

const DEFAULT_AGEING = 300;

export function bridgeSteps(bridge: BridgeSetup): Step[] {
  const { name, ports, addresses, gateway } = bridge;
  return [
    { run: `brctl addbr ${name}`, why: "The virtual switch that guests and the NIC will share." },
    {
      run: `brctl stp ${name} ${bridge.stp ? "on" : "off"}`,
      why: "Without loops the spanning tree only delays ports.",
    },
    {
      run: `brctl setfd ${name} ${bridge.forwardDelay}`,
      why: "A vif shall forward at once, not after 15 s of listening and learning.",
    },
    ...(bridge.ageing === DEFAULT_AGEING
      ? []
      : [{ run: `brctl setageing ${name} ${bridge.ageing}`, why: "How long an unused MAC is remembered." }]),
    ...ports.map((port) => ({
      run: `brctl addif ${name} ${port}`,
      why: `${port} becomes the bridge's way to the wire.`,
    })),
    ...ports.map((port) => ({
      run: `ip link set ${port} up`,
      why: `${port} must be up to carry the bridge's frames; it needs no address of its own.`,
    })),
    ...(bridge.mtu === null
      ? []
      : [{ run: `ip link set ${name} mtu ${bridge.mtu}`, why: "vif-bridge copies it to every vif." }]),
    { run: `ip link set ${name} up`, why: "Ports forward only while the bridge is up." },
    ...addresses.map((address) => ({
      run: `ip addr add ${formatCidr(address)} brd + dev ${name}`,
      why: "domain 0 keeps its address, now on the bridge's own device.",
    })),
    ...(gateway === null
      ? []
      : [{ run: `ip route add default via ${formatIpv4(gateway)}`, why: "The way out of the LAN." }]),
  ];
}
