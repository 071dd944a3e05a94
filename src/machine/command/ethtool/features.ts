/**
 * The offload features of a device as `ethtool -k` lists them and `-K` changes them. Names and order are those of Linux
 * 6.1 (net/ethtool/common.c, netdev_features_strings) and ethtool 6.1 (netlink/features.c, common.c off_flag_def).
 *
 * Only checksums on transmission are modelled: their state is the device's own, whatever a real driver would have.
 * There are no super-frames, so segmentation and receive merging are off and fixed; the rest is as the drivers have it.
 */
import type { NetDevice } from "../../../device/device.ts";

/** A line of its own, or the head of a group with the features that it sums up. */
interface Line {
  readonly name: string;
  /** What -K calls it, where the kernel's names are longer. */
  readonly short?: string;
  readonly members?: readonly string[];
}

const LINES: readonly Line[] = [
  { name: "rx-checksumming", short: "rx" },
  {
    name: "tx-checksumming",
    short: "tx",
    members: [
      "tx-checksum-ipv4",
      "tx-checksum-ip-generic",
      "tx-checksum-ipv6",
      "tx-checksum-fcoe-crc",
      "tx-checksum-sctp",
    ],
  },
  { name: "scatter-gather", short: "sg", members: ["tx-scatter-gather", "tx-scatter-gather-fraglist"] },
  {
    name: "tcp-segmentation-offload",
    short: "tso",
    members: ["tx-tcp-segmentation", "tx-tcp-ecn-segmentation", "tx-tcp-mangleid-segmentation", "tx-tcp6-segmentation"],
  },
  { name: "generic-segmentation-offload", short: "gso" },
  { name: "generic-receive-offload", short: "gro" },
  { name: "large-receive-offload", short: "lro" },
  { name: "rx-vlan-offload", short: "rxvlan" },
  { name: "tx-vlan-offload", short: "txvlan" },
  { name: "ntuple-filters", short: "ntuple" },
  { name: "receive-hashing", short: "rxhash" },
  ..."highdma rx-vlan-filter vlan-challenged tx-lockless netns-local tx-gso-robust tx-fcoe-segmentation tx-gre-segmentation tx-gre-csum-segmentation tx-ipxip4-segmentation tx-ipxip6-segmentation tx-udp_tnl-segmentation tx-udp_tnl-csum-segmentation tx-gso-partial tx-tunnel-remcsum-segmentation tx-sctp-segmentation tx-esp-segmentation tx-udp-segmentation tx-gso-list tx-nocache-copy loopback rx-fcs rx-all tx-vlan-stag-hw-insert rx-vlan-stag-hw-parse rx-vlan-stag-filter l2-fwd-offload hw-tc-offload esp-hw-offload esp-tx-csum-hw-offload rx-udp_tunnel-port-offload tls-hw-tx-offload tls-hw-rx-offload rx-gro-hw tls-hw-record rx-gro-list macsec-hw-offload rx-udp-gro-forwarding hsr-tag-ins-offload hsr-tag-rm-offload hsr-fwd-offload hsr-dup-offload"
    .split(" ")
    .map((name) => ({ name })),
];

/** What a driver offers. */
interface Offer {
  /** The checksum features that stand for `txChecksum`. */
  readonly checksums: readonly string[];
  /** In hw_features: the administrator may switch them. */
  readonly switchable: boolean;
  /** Others that are on; none of them can be switched here. */
  readonly on: readonly string[];
}

const GENERIC = ["tx-checksum-ip-generic"];
const GATHER = ["tx-scatter-gather", "highdma"];

/** By driver; guests and their backends share a word and differ in what can be switched. */
const OFFERS: Readonly<Record<string, Offer>> = {
  e1000: { checksums: GENERIC, switchable: true, on: ["tx-scatter-gather"] },
  veth: { checksums: GENERIC, switchable: true, on: ["rx-checksumming", "tx-scatter-gather-fraglist", ...GATHER] },
  bridge: {
    checksums: GENERIC,
    switchable: true,
    on: ["tx-scatter-gather-fraglist", ...GATHER, "tx-lockless", "netns-local"],
  },
  // NETIF_F_IP_CSUM is missing from netfront's hw_features: `ethtool -K eth0 tx off` in a guest leaves it on.
  netfront: {
    checksums: ["tx-checksum-ipv4", "tx-checksum-ipv6"],
    switchable: false,
    on: ["rx-checksumming", "tx-scatter-gather"],
  },
  netback: {
    checksums: ["tx-checksum-ipv4", "tx-checksum-ipv6"],
    switchable: true,
    on: ["rx-checksumming", "tx-scatter-gather", "tx-scatter-gather-fraglist"],
  },
  "": {
    checksums: GENERIC,
    switchable: false,
    on: [
      "rx-checksumming",
      "tx-scatter-gather-fraglist",
      ...GATHER,
      "vlan-challenged",
      "tx-lockless",
      "netns-local",
      "loopback",
    ],
  },
};

const NOTHING: Offer = { checksums: [], switchable: false, on: [] };

function offerOf(device: NetDevice): Offer {
  const { driver, busInfo } = device.traits;
  if (driver !== "vif") return OFFERS[driver] ?? NOTHING;
  return OFFERS[/^vif-\d+-\d+$/.test(busInfo) ? "netback" : "netfront"]!;
}

const isOn = (device: NetDevice, offer: Offer, name: string): boolean =>
  offer.checksums.includes(name) ? device.txChecksum : offer.on.includes(name);

const isSwitchable = (offer: Offer, name: string): boolean => offer.switchable && offer.checksums.includes(name);

export function featureLines(device: NetDevice): string[] {
  const offer = offerOf(device);
  const line = (name: string): string =>
    `${name}: ${isOn(device, offer, name) ? "on" : "off"}${isSwitchable(offer, name) ? "" : " [fixed]"}`;
  return LINES.flatMap(({ name, members }) => {
    if (members === undefined) return [line(name)];
    const any = members.some((each) => isOn(device, offer, each));
    return [`${name}: ${any ? "on" : "off"}`, ...members.map((each) => `\t${line(each)}`)];
  });
}

/** What one word of -K asks for: a group by its short or long name, or a feature. Null: no such word. */
export function featuresNamed(word: string): readonly string[] | null {
  const line = LINES.find(({ name, short }) => word === name || word === short);
  if (line !== undefined) return line.members ?? [line.name];
  return LINES.some(({ members }) => members?.includes(word) === true) ? [word] : null;
}

/** Switches what can be switched; one line for each feature that changed or did not do as it was told. */
export function switchFeatures(device: NetDevice, wanted: ReadonlyMap<string, boolean>): string[] {
  const offer = offerOf(device);
  const before = new Map([...wanted.keys()].map((name) => [name, isOn(device, offer, name)]));
  for (const [name, on] of wanted) if (isSwitchable(offer, name)) device.txChecksum = on;
  const changes: string[] = [];
  for (const [name, on] of wanted) {
    const now = isOn(device, offer, name);
    const state = now ? "on" : "off";
    if (now !== on) changes.push(`${name}: ${state} [requested ${on ? "on" : "off"}]`);
    else if (now !== before.get(name)) changes.push(`${name}: ${state}`);
  }
  return changes;
}
