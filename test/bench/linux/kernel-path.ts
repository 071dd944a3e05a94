/**
 * The kernel's own way from guest to guest and from guest to the outside: three namespaces, veth pairs for the cables, a
 * bridge or a router between. One blaster sends; what counts is what the far end's veth has received, per second.
 * Needs root, gcc and iproute2; what it makes is gone when it ends.
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { NetNamespace } from "../../kit/netns.ts";

export type KernelPathKind = "bridge" | "MASQUERADE";

const SECONDS = 1;
const GUEST_MAC = "00:16:3e:00:00:01";
const FAR_MAC = "00:16:3e:00:00:02";
const VIF_MAC = "fe:ff:ff:ff:ff:ff";

const pair = (near: string, mac: string, far: NetNamespace, farMac: string): string =>
  `ip link add ${near} address ${mac} type veth peer name eth0 address ${farMac} netns ${far.name}`;

export class KernelPath {
  private readonly host = new NetNamespace();
  private readonly guest = new NetNamespace();
  private readonly far = new NetNamespace();
  private readonly folder = mkdtempSync(join(tmpdir(), "xenlab-bench-"));
  private readonly blaster = join(this.folder, "blaster");
  private readonly kind: KernelPathKind;

  constructor(kind: KernelPathKind) {
    this.kind = kind;
    try {
      this.build();
    } catch (error) {
      this.remove();
      throw error;
    }
  }

  private build(): void {
    const source = new URL("blaster.c", import.meta.url).pathname;
    execFileSync("gcc", ["-O2", "-o", this.blaster, source], { stdio: "inherit" });
    for (const space of [this.host, this.guest, this.far])
      space.prepare("sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1");
    this.host.prepare(pair("vif1.0", VIF_MAC, this.guest, GUEST_MAC), pair("vif2.0", VIF_MAC, this.far, FAR_MAC));
    if (this.kind === "bridge") this.bridge();
    else this.router();
    for (const space of [this.guest, this.far]) space.prepare("ip link set lo up", "ip link set eth0 up");
  }

  private bridge(): void {
    this.host.prepare(
      "ip link add xenbr0 type bridge",
      // As the emulator's path has it: nothing filters what passes the bridge.
      "sysctl -qw net.bridge.bridge-nf-call-iptables=0 2> /dev/null || true",
      "for port in vif1.0 vif2.0; do ip link set $port master xenbr0 up; done",
      "ip link set xenbr0 up",
      `bridge fdb add ${FAR_MAC} dev vif2.0 master static`,
    );
  }

  private router(): void {
    this.host.prepare(
      "sysctl -qw net.ipv4.ip_forward=1",
      "ip address add 10.0.0.1/24 dev vif1.0",
      "ip address add 198.51.100.1/24 dev vif2.0",
      "for port in vif1.0 vif2.0; do ip link set $port up; done",
      `ip neighbour add 198.51.100.9 lladdr ${FAR_MAC} dev vif2.0 nud permanent`,
      "ip route add default via 198.51.100.9",
      "iptables -t nat -A POSTROUTING -o vif2.0 -j MASQUERADE",
    );
  }

  /** Frames per second that arrive. */
  measure(length: number, flows: number): number {
    const to = this.kind === "bridge" ? FAR_MAC : VIF_MAC;
    const before = this.received();
    const { code, err } = this.guest.run(`${this.blaster} eth0 ${to} ${GUEST_MAC} ${length} ${SECONDS} ${flows}`);
    if (code !== 0) throw new Error(`the blaster ended with ${code}: ${err}`);
    return (this.received() - before) / SECONDS;
  }

  remove(): void {
    for (const space of [this.guest, this.far, this.host]) space.remove();
    rmSync(this.folder, { recursive: true });
  }

  private received(): number {
    const [eth0] = JSON.parse(this.far.run("ip -s -j link show eth0").out) as [
      { stats64: { rx: { packets: number } } },
    ];
    return eth0.stats64.rx.packets;
  }
}
