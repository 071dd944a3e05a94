/**
 * The recorded "classic" host as a topology: the eight steps of Xen 3's network-bridge, done by hand in a Xen 4.17 dom0
 * whose e1000 is called eth0 and in which a veth pair stands for veth0 and vif0.0. Reads its logs and dumps.
 */
import { readFileSync } from "node:fs";

const FOLDER = new URL("../fixtures/xen-4.17/classic/", import.meta.url);

export const classicFile = (path: string): Buffer => readFileSync(new URL(path, FOLDER));
const text = (path: string): string => classicFile(path).toString("utf8");

/** Earlier guests and devices took numbers: so the domains become 5 and 6, and the pair 10 and 11, as recorded. */
const goneDevices = Array.from({ length: 7 }, () => "brctl addbr gone && brctl delbr gone");
const goneDomains = Array.from({ length: 4 }, () => "xl create -p /root/gone.cfg && xl destroy gone");

const SETUP = [
  ...goneDevices,
  'printf \'name = "gone"\\nkernel = "/lab/vmlinux"\\n\' > /root/gone.cfg',
  ...goneDomains,
  "ip link add veth0 address 00:16:3e:de:ad:00 type veth peer name vif0.0 address 00:16:3e:de:ad:01",
];

/**
 * nic-link: this e1000 had link 35 ms after `up`, because its other end had never gone. seed: how long a neighbour is
 * trusted is drawn from 15 to 45 s; in the recording dom0 trusted longer than 19 s and the outside less than 27.
 */
export const CLASSIC_HOST = `
name: classic
seed: 4
networks:
  lan: { kind: switch, rate: 1gbit, delay: 20us }
hosts:
  xen1:
    xen: "4.17"
    distro: debian
    vcpus: 1
    memory: 1536
    timing: { nic-link: 35ms }
    nics: { eth0: { network: lan, mac: "00:30:48:aa:bb:01", ip: 192.168.1.10/24, gateway: 192.168.1.1 } }
    bridges: {}
    setup: ${JSON.stringify(SETUP)}
    domains:
      g1:
        memory: 160
        autostart: false
        vif: [ 'mac=00:16:3e:00:00:01,bridge=xenbr0,script=vif-bridge' ]
        inside: { eth0: { ip: 192.168.1.101/24, gateway: 192.168.1.1 } }
      g2:
        memory: 160
        autostart: false
        vif: [ 'mac=00:16:3e:00:00:02,bridge=xenbr0,script=vif-bridge' ]
        inside: { eth0: { ip: 192.168.1.102/24, gateway: 192.168.1.1 } }
machines:
  outside:
    nics: { eth0: { network: lan, mac: "00:50:56:00:00:01", ip: 192.168.1.1/24 } }
capture:
  - { point: "xen1:peth0" }
  - { point: "xen1:vif0.0" }
  - { point: "xen1:eth0" }
  - { point: "xen1:xenbr0", promiscuous: false }
  - { point: "xen1:vif5.0" }
  - { point: "xen1:vif6.0" }
`;

/** The recorder's own words for a box, a file and a helper script. */
const MACHINES: Readonly<Record<string, string>> = { dom0: "xen1", g1: "g1", g2: "g2", outside: "outside" };
const ours = (line: string): string =>
  line
    .replace(/^arpflush$/, "ip neigh flush all")
    .replace(/^ping2 /, "ping -c 2 ")
    .replace("/lab/cfg/", "/etc/xen/");

export interface TypedLine {
  /** Seconds of the recorded day. */
  readonly at: number;
  readonly on: string;
  readonly line: string;
}

export const secondsOf = (clock: string): number => {
  const [hours, minutes, seconds] = clock.split(":").map(Number);
  return hours! * 3600 + minutes! * 60 + seconds!;
};

/** What was done beside the log, and how one can tell. */
export const UNLOGGED: readonly TypedLine[] = [
  // At 34.5 s dom0's eth0 had sent an ARP request and an echo request and got both answers: its counters in the dump of
  // step 8 are 42 + 98 bytes out and 60 + 98 in, beside IPv6.
  { at: secondsOf("00:29:34.45"), on: "xen1", line: "ping -c 1 192.168.1.1" },
  // Every scenario began with empty neighbour tables, dom0's too: `ip neigh` in its "before" is empty.
  { at: secondsOf("00:30:16"), on: "xen1", line: "ip neigh flush all" },
];

/** `commands.log`, without what the commands printed. */
export function typedIn(folder: string): TypedLine[] {
  const lines = text(`${folder}/commands.log`).matchAll(/^(\d\d:\d\d:[\d.]+) \[(\w+)\] (.*)$/gm);
  return [...lines].map(([, clock, box, line]) => ({
    at: secondsOf(clock!),
    on: MACHINES[box!]!,
    line: ours(line!),
  }));
}

export interface Dump {
  /** Seconds of the recorded day. */
  readonly at: number;
  /** What the tool printed; null when the dump has no such section. */
  section(name: string): string | null;
}

export function dumpIn(path: string): Dump {
  const [head, ...parts] = text(path).split(/^\$ /m);
  const sections = new Map(
    parts.map((part) => {
      const end = part.indexOf("\n");
      return [
        part.slice(0, end),
        part
          .slice(end + 1)
          .replace(/\n\n$/, "\n")
          .replace(/^\n$/, ""),
      ];
    }),
  );
  return {
    at: secondsOf(/at (\S+)/.exec(head!)![1]!),
    section: (name) => sections.get(name) ?? null,
  };
}
