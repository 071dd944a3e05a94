/** The recorded Xen 4.17 host as a topology, and what was typed on it, from the `commands.log` files. */

export const RECORDED_HOST = `
name: recorded
seed: 417
networks:
  lan: { kind: switch, rate: 1gbit, delay: 20us }
hosts:
  xen1:
    xen: "4.17"
    distro: debian
    vcpus: 1
    memory: 1536
    nics: { eth0: { network: lan, mac: "00:30:48:aa:bb:01" } }
    bridges: { xenbr0: { ports: [eth0], ip: 192.168.1.10/24, gateway: 192.168.1.1 } }
    domains:
      g1:
        memory: 160
        vif: [ 'mac=00:16:3e:00:00:01,bridge=xenbr0,script=vif-bridge' ]
        inside: { eth0: { ip: 192.168.1.101/24, gateway: 192.168.1.1 } }
      g2:
        memory: 160
        vif: [ 'mac=00:16:3e:00:00:02,bridge=xenbr0,script=vif-bridge' ]
        inside: { eth0: { ip: 192.168.1.102/24, gateway: 192.168.1.1 } }
machines:
  outside:
    nics: { eth0: { network: lan, mac: "00:50:56:00:00:01", ip: 192.168.1.1/24 } }
    services: [echo]
capture:
  - { point: "xen1:eth0" }
  - { point: "xen1:xenbr0", promiscuous: false }
  - { point: "xen1:vif1.0" }
  - { point: "xen1:vif2.0" }
  - { point: "g1:eth0" }
  - { point: "g2:eth0" }
`;

export interface Typed {
  /** Seconds after the first line, as logged. */
  readonly at: number;
  readonly on: string;
  readonly line: string;
}

export interface Recording {
  readonly folder: string;
  readonly typed: readonly Typed[];
  /** Recorded file by our capture point. */
  readonly files: Readonly<Record<string, string>>;
  /** Seconds after the first line at which tcpdump in dom0 was stopped. */
  readonly seconds: number;
  /** Captures inside guests that were stopped earlier. */
  readonly shorter?: Readonly<Record<string, number>>;
}

const DOM0_FILES = {
  "xen1-eth0": "dom0.eth0.pcap",
  "xen1-xenbr0": "dom0.xenbr0.pcap",
  "xen1-vif1.0": "dom0.vif3.0.pcap",
  "xen1-vif2.0": "dom0.vif4.0.pcap",
};

/** Every scenario began with empty neighbour tables on all four machines. */
export const RECORDINGS: readonly Recording[] = [
  {
    folder: "01-ping-g1-g2",
    typed: [{ at: 0, on: "g1", line: "ping -c3 192.168.1.102" }],
    files: { ...DOM0_FILES, "g1-eth0": "g1.eth0.pcap", "g2-eth0": "g2.eth0.pcap" },
    seconds: 12.6,
    shorter: { "g1-eth0": 4 },
  },
  {
    folder: "02-ping-g1-outside",
    typed: [{ at: 0, on: "g1", line: "ping -c3 192.168.1.1" }],
    files: DOM0_FILES,
    seconds: 7,
  },
  {
    folder: "03-ping-g1-dom0",
    typed: [{ at: 0, on: "g1", line: "ping -c3 192.168.1.10" }],
    files: DOM0_FILES,
    seconds: 7,
  },
  {
    folder: "06-broadcast-g1",
    typed: [
      { at: 0, on: "g1", line: "ping -b -c2 -W1 192.168.1.255" },
      { at: 2.72, on: "g1", line: "echo hello-bcast | nc -u -b -w1 192.168.1.255 9999" },
      { at: 4.36, on: "g2", line: "echo 0 > /proc/sys/net/ipv4/icmp_echo_ignore_broadcasts" },
      { at: 4.36, on: "xen1", line: "echo 0 > /proc/sys/net/ipv4/icmp_echo_ignore_broadcasts" },
      { at: 4.87, on: "g1", line: "ping -b -c2 -W1 192.168.1.255" },
    ],
    files: DOM0_FILES,
    seconds: 7,
  },
  {
    folder: "11-frag-ping-g1-g2-and-outside",
    typed: [
      { at: 0, on: "g1", line: "ping -c2 -s 4000 192.168.1.102" },
      { at: 1.52, on: "g1", line: "ping -c2 -s 4000 192.168.1.1" },
      { at: 3.15, on: "g1", line: "ping -c1 -M do -s 1472 192.168.1.102" },
      { at: 4.04, on: "g1", line: "ping -c1 -W1 -M do -s 1473 192.168.1.102" },
    ],
    files: DOM0_FILES,
    seconds: 5.6,
  },
];
