// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the braces are the shell's
/**
 * Bridge mode as articles tell it, as a list that runs: eight steps for the host, two for a guest. What the articles leave
 * out and nothing works without is the last line or two under "bring up", and says so.
 */
import { type Cidr, formatCidr, formatIpv4, formatMac, type Ipv4, type Mac } from "../../packet/address.ts";
import type { Script } from "./script.ts";
import type { Step } from "./step.ts";

export interface TextbookBridge {
  /** The physical NIC. */
  readonly nic: string;
  readonly mac: Mac;
  readonly addresses: readonly Cidr[];
  readonly gateway: Ipv4 | null;
  readonly bridge: string;
  /** N of vethN and vif0.N. */
  readonly pair: string;
}

export function textbookSteps({ nic, mac, addresses, gateway, bridge, pair }: TextbookBridge): Step[] {
  const real = `p${nic}`;
  const veth = `veth${pair}`;
  const port = `vif0.${pair}`;
  return [
    { heading: "create-bridge", run: `brctl addbr ${bridge}`, why: "The virtual switch." },
    {
      heading: "stop-nic",
      run: `ifdown ${nic}`,
      why: "A device that is up cannot be renamed. From here on the host is off the net.",
    },
    {
      heading: "copy-identity",
      run: `ip link set ${veth} addr ${formatMac(mac)}`,
      why: `${veth} will speak for the host: under the NIC's MAC, so that switches and neighbours notice no change.`,
    },
    ...addresses.map(
      (address): Step => ({
        heading: "copy-identity",
        run: `ip addr add ${formatCidr(address)} brd + dev ${veth}`,
        why: "And under the host's address.",
      }),
    ),
    {
      heading: "rename-nic",
      run: `ip link set ${nic} name ${real}`,
      why: "The real NIC gives up its name but keeps its cable.",
    },
    {
      heading: "rename-veth",
      run: `ip link set ${veth} name ${nic}`,
      why: `Programs that know ${nic} find it again: it is the veth now.`,
    },
    {
      heading: "quiet-nic",
      run: `ip link set ${real} addr fe:ff:ff:ff:ff:ff`,
      why: "The highest unicast MAC: the bridge never takes it for its own, and the real one is free for the veth.",
    },
    {
      heading: "quiet-nic",
      run: `ip link set ${real} arp off`,
      why: "The NIC shall never answer ARP by itself: the host's address is the veth's.",
    },
    {
      heading: "quiet-nic",
      run: `ip addr flush ${real}`,
      why: "Told by few: ifdown leaves the address on the device, and two devices with one address confuse the routes.",
    },
    { heading: "attach-ports", run: `brctl addif ${bridge} ${real}`, why: "The bridge's way to the wire." },
    { heading: "attach-ports", run: `brctl addif ${bridge} ${port}`, why: "The bridge's way to the host itself." },
    { heading: "bring-up", run: `ip link set ${real} up`, why: "The NIC, now nothing but a port." },
    { heading: "bring-up", run: `ip link set ${port} up`, why: "The bridge's end of the pair." },
    { heading: "bring-up", run: `ip link set ${bridge} up`, why: "Ports forward only while the bridge is up." },
    {
      heading: "bring-up",
      run: `ip link set ${nic} up`,
      why: "Left out by the articles: the host's own end is down since the NIC was stopped.",
    },
    ...(gateway === null
      ? []
      : [
          {
            heading: "bring-up" as const,
            run: `ip route add default via ${formatIpv4(gateway)} dev ${nic}`,
            why: "Left out by the articles: the default route went when the NIC was stopped.",
          },
        ]),
  ];
}

/** The guest's two steps, where the real vif-bridge has a dozen. */
export const vifBridgeTextbook: Script = {
  id: "vif-bridge textbook",
  path: "/etc/xen/scripts/vif-bridge",
  summary: "vif-bridge as the textbook tells it: attach the vif, bring it up.",
  kind: "hotplug",
  steps: [
    {
      run: "xenstore-read $XENBUS_PATH/bridge",
      why: "Which bridge: bridge= of the guest's vif.",
      into: "bridge",
      quiet: true,
      failure: "ignored",
    },
    {
      run: "brctl addif $bridge $dev",
      why: "The vif becomes a port of the bridge.",
      heading: "attach-vif",
      also: "attach-lan",
      when: (script) => script.get("command") === "online",
      failure: { fatal: "brctl addif $bridge $dev failed" },
    },
    {
      run: "ip link set $dev up",
      why: "The port may forward.",
      heading: "bring-up-vif",
      when: (script) => script.get("command") === "online",
    },
    {
      run: "xenstore-write $XENBUS_PATH/hotplug-status connected",
      why: "Left out by the articles: the toolstack waits for this word.",
      when: (script) => script.get("command") === "online",
    },
  ],
};
