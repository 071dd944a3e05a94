/** Frames that one setting of the kernel drops: which, and the line that changes it. */
import { Fate } from "../../../base/fate.ts";
import type { Machine } from "../../../machine/machine.ts";
import { formatIpv4 } from "../../../packet/address.ts";
import { type Clues, distinct, lostBy, machinesOf, on, type Suspect, type Suspicion } from "../suspect.ts";
import type { LostFrame } from "../trial.ts";

type Told = Omit<Suspicion, "at" | "mends"> & { readonly mend: readonly string[] };

function forwarding(_: Machine, { packet }: LostFrame): Told {
  const whom = packet === null ? "ARP for others gets no answer" : `what is for ${formatIpv4(packet.destination)} ends`;
  return {
    what: `it does not forward: net.ipv4.ip_forward is 0, and ${whom} here.`,
    evidence: ["sysctl net.ipv4.ip_forward: 0"],
    cause:
      "Packets that are to be passed on, between two networks or from and to a vif or libvirt's bridge, need ip_forward. libvirt switches it on when a network starts, network-route and network-nat with xend; a line of sysctl, or of /etc/sysctl.d at the next boot, switches it off again.",
    look: ["sysctl net.ipv4.ip_forward", "grep -r ip_forward /etc/sysctl.conf /etc/sysctl.d"],
    mend: ["sysctl -w net.ipv4.ip_forward=1"],
    advice: ["And for the next boot: net.ipv4.ip_forward = 1 in /etc/sysctl.conf"],
  };
}

const noEcho = (): Told => ({
  what: "it answers no ping: net.ipv4.icmp_echo_ignore_all is 1.",
  evidence: ["echo requests arrive, and the kernel drops them without a word"],
  cause: "Somebody has hardened it so. Only ping is concerned: everything else on the machine may well be reachable.",
  look: ["sysctl net.ipv4.icmp_echo_ignore_all", "tcpdump -n icmp   (requests, and no replies)"],
  mend: ["sysctl -w net.ipv4.icmp_echo_ignore_all=0"],
});

function suppressed({ table, net }: Machine): Told {
  const { settings } = net;
  const set = ["all", ...table.devices.map(({ name }) => name)].filter(
    (name) => Number(net.sysctls.get(`net/ipv4/conf/${name}/arp_ignore`) ?? 0) > 0,
  );
  const filtering = table.devices.some(({ index }) => settings.either(index, "arp_filter"));
  const names = ["arp_ignore", ...(filtering ? ["arp_filter"] : [])];
  return {
    what: "it does not answer ARP for an address that it has: arp_ignore or arp_filter forbids it.",
    evidence: set.map((name) => `net.ipv4.conf.${name}.arp_ignore is above 0`),
    cause: "These settings keep a machine from answering for addresses of its other devices, or for any (8).",
    look: names.map((name) => `sysctl -a | grep ${name}`),
    mend: [
      ...set.map((name) => `sysctl -w net.ipv4.conf.${name}.arp_ignore=0`),
      ...(filtering ? ["sysctl -w net.ipv4.conf.all.arp_filter=0"] : []),
    ],
  };
}

function strictPath({ table, net }: Machine, { packet }: LostFrame): Told {
  const set = ["all", ...table.devices.map(({ name }) => name)].filter(
    (name) => net.sysctls.get(`net/ipv4/conf/${name}/rp_filter`) === "1",
  );
  const source = packet === null ? "the sender" : formatIpv4(packet.source);
  return {
    what: `rp_filter drops what comes from ${source}: its own way to ${source} is another device.`,
    evidence: set.map((name) => `net.ipv4.conf.${name}.rp_filter is 1`),
    cause: "With rp_filter=1 a packet must come in by the device through which its answer would leave.",
    look: [`ip route get ${source}`, "sysctl -a | grep '\\.rp_filter'", "nstat -az TcpExtIPReversePathFilter"],
    mend: set.map((name) => `sysctl -w net.ipv4.conf.${name}.rp_filter=2`),
  };
}

/** nf_conntrack_init_start gives a machine of a gigabyte so many. */
const ROOM = 65_536;

function tableFull({ net }: Machine): Told {
  const max = net.sysctls.get("net/netfilter/nf_conntrack_max");
  return {
    what: `its table of connections is full: net.netfilter.nf_conntrack_max is ${max}.`,
    evidence: ["packets that begin a connection are dropped; those of known ones pass"],
    cause:
      "Everything that a host passes on, and with br_netfilter what it bridges, has an entry in one table for all guests. One of them that scans, or a limit that somebody has lowered, fills it for all.",
    look: [
      "dmesg | grep 'table full'",
      "sysctl net.netfilter.nf_conntrack_count net.netfilter.nf_conntrack_max",
      "conntrack -S",
    ],
    mend: [`sysctl -w net.netfilter.nf_conntrack_max=${Math.max(ROOM, 4 * Number(max))}`],
  };
}

type FateOf = (typeof Fate)[keyof typeof Fate];

const suspectOf = (
  name: string,
  tell: (machine: Machine, frame: LostFrame) => Told,
  ...fates: readonly FateOf[]
): Suspect => ({
  name,
  find: (clues: Clues) =>
    distinct(
      lostBy(clues, ...fates).map(({ frame, machine }) => {
        const { mend, ...told } = tell(machine, frame);
        return { at: machine.name, ...told, mends: mend.length === 0 ? [] : [on(machine.name, ...mend)] };
      }),
    ),
});

export const forwardingOff = suspectOf(
  "forwarding-off",
  forwarding,
  ...[Fate.NOT_FORWARDING, Fate.ARP_PROXY_NOT_FORWARDING],
);
export const echoIgnored = suspectOf("echo-ignored", noEcho, Fate.ICMP_ECHO_IGNORED);
export const arpSuppressed = suspectOf("arp-suppressed", suppressed, Fate.ARP_SUPPRESSED);
export const conntrackFull = suspectOf("conntrack-full", tableFull, Fate.CONNTRACK_FULL);
export const reversePath = suspectOf("reverse-path", strictPath, Fate.REVERSE_PATH);

/** Of hosts that route; one with a bridge has nobody to answer for. */
export const proxyArp: Suspect = {
  name: "proxy-arp-missing",
  find: (clues) =>
    clues.now.hosts
      .filter(
        ({ name, mode }) =>
          mode !== "bridge" && lostBy(clues, Fate.ARP_NOT_PROXIED).some(({ machine }) => machine.name === name),
      )
      .map(({ name: at, dom0, routing }) => {
        const silent = dom0.devices.filter(
          ({ name, kind }) => (kind === "nic" || kind === "vif") && !routing.proxyArp.includes(name),
        );
        return {
          at,
          what: `it does not answer ARP for those behind it: proxy_arp is 0 on ${silent.map(({ name }) => name).join(", ")}.`,
          evidence: ["ARP requests for guests, or for the LAN, got no answer"],
          cause:
            "Guests have addresses of the LAN's own subnet: each side looks for the other on its wire, and domain 0 must say that it is the way.",
          look: silent.map(({ name }) => `sysctl net.ipv4.conf.${name}.proxy_arp`),
          mends: [on(at, ...silent.map(({ name }) => `sysctl -w net.ipv4.conf.${name}.proxy_arp=1`))],
        };
      }),
};

/** Seen by state: to whom its neighbours are known already it sends what nobody takes, and no frame is lost. */
export const arpOff: Suspect = {
  name: "arp-off",
  find: (clues) =>
    machinesOf(clues).flatMap(({ name: at, table, net }) =>
      table.devices
        .filter((device) => !device.arp && device.name !== "lo" && net.addresses.of(device).length > 0)
        .map(({ name }) => ({
          at,
          what: `it does not speak ARP on ${name}: NOARP.`,
          evidence: [`ip link show ${name}: NOARP`],
          cause:
            "`ip link set ... arp off` is for a port of a bridge. A device that has an address must answer for it, and ask for others.",
          look: [`ip link show ${name}`],
          mends: [on(at, `ip link set ${name} arp on`)],
        })),
    ),
};
