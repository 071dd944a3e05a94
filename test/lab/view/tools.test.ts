/** A view and the tool that shows the same never disagree. */
import { describe, expect, test } from "vitest";
import { copyLab } from "../../../src/lab/index.ts";
import { pass, type } from "../../kit/lab.ts";
import { bridge, guest, up } from "./look.ts";

/** "   2.05" of brctl, from nanoseconds. */
function timerText(nanos: number): string {
  const hundredths = Math.floor(nanos / 1e7);
  return `${String(Math.floor(hundredths / 100)).padStart(4)}.${String(hundredths % 100).padStart(2, "0")}`;
}

/** Of `ip -s -j address`, what is compared. */
interface Address {
  readonly ifindex: number;
  readonly ifname: string;
  readonly address: string;
  readonly mtu: number;
  readonly operstate: string;
  readonly master?: string;
  readonly stats64: { readonly rx: { readonly bytes: number }; readonly tx: { readonly packets: number } };
  readonly addr_info: readonly { readonly local: string; readonly prefixlen: number }[];
}

describe("when it is up", () => {
  const lab = up();
  type(lab, "web1", "ping -c 1 192.168.1.1; ping -c 1 192.168.1.102");

  test("brctl says the same of the bridge, its ports and what it has learnt", () => {
    const { stdout: shown } = type(lab, "xen1", "brctl show xenbr0");
    const { id, stp, ports } = bridge(lab.snapshot());
    expect(shown.split("\n")[1]).toBe(`xenbr0\t\t${id}\t${stp ? "yes" : "no"}\t\t${ports[0]!.device}`);

    const { stdout: macs } = type(lab, "xen1", "brctl showmacs xenbr0");
    const rows = bridge(lab.snapshot()).fdb.map(
      ({ port, mac, isLocal, age }) =>
        `${String(port).padStart(3)}\t${mac}\t${isLocal ? "yes" : "no"}\t\t${timerText(age)}\n`,
    );
    expect(rows.length).toBeGreaterThanOrEqual(6);
    expect(macs).toBe(`port no\tmac addr\t\tis local?\tageing timer\n${rows.join("")}`);

    const { stdout: stpText } = type(lab, "xen1", "brctl showstp xenbr0");
    const blocks = [...stpText.matchAll(/^(\S+) \((\d+)\)\n.*?state\t\t *(\w+)\n.*?path cost\t\t *(\d+)$/gms)];
    const view = bridge(lab.snapshot());
    expect(view.ports.map(({ device, number, state, cost }) => [device, String(number), state, String(cost)])).toEqual(
      blocks.map((block) => block.slice(1)),
    );
    expect(blocks).toHaveLength(3);
    expect(stpText).toContain(`ageing time\t\t${timerText(view.ageingTime)}`);
    expect(stpText).toContain(`bridge forward delay\t${timerText(view.forwardDelay)}`);
  });

  test("each entry of the table names the device of its port", () => {
    const { fdb, ports } = bridge(lab.snapshot());
    for (const { port, device } of fdb) expect(ports.find(({ number }) => number === port)!.device).toBe(device);
    expect(fdb.find(({ mac }) => mac === "00:50:56:00:00:01")).toMatchObject({ device: "eth0", isLocal: false });
  });

  test("ip says the same of every device of domain 0", () => {
    const links: Address[] = JSON.parse(type(lab, "xen1", "ip -s -j address").stdout);
    const { dom0 } = lab.snapshot().hosts[0]!;
    const seen = dom0.devices.map((each) => ({
      ...{ ifindex: each.index, ifname: each.name, address: each.mac, mtu: each.mtu, operstate: each.state },
      ...{ master: each.master ?? undefined, addresses: each.addresses, rx: each.counters.rxBytes },
      tx: each.counters.txPackets,
    }));
    expect(seen).toEqual(
      links.map((link) => ({
        ...{ ifindex: link.ifindex, ifname: link.ifname, address: link.address, mtu: link.mtu },
        ...{ operstate: link.operstate, master: link.master, rx: link.stats64.rx.bytes, tx: link.stats64.tx.packets },
        addresses: link.addr_info.map((each) => `${each.local}/${each.prefixlen}`),
      })),
    );
  });

  test("routes and neighbours are the lines of ip, forwarding is the sysctl, services are what runs", () => {
    const lines = (line: string): number => type(lab, "web1", line).stdout.split("\n").length - 1;
    const counted = [lines("ip route"), lines("ip neigh")];
    const { machine } = guest(lab.snapshot(), "web1");
    expect([machine!.routes, machine!.neighbours]).toEqual(counted);
    expect(counted).toEqual([2, 2]);
    expect(machine!.ipForward).toBe(false);
    type(lab, "web1", "sysctl -q -w net.ipv4.ip_forward=1");
    expect(guest(lab.snapshot(), "web1").machine!.ipForward).toBe(true);
    expect(lab.snapshot().machines[0]!.services).toEqual(["echo"]);
  });

  test("a service whose daemon was killed is none", () => {
    const twin = copyLab(lab);
    const pid = /^ *(\d+).*echod$/m.exec(type(twin, "outside", "ps").stdout)![1];
    type(twin, "outside", `kill ${pid}`);
    pass(twin, 0.1);
    expect(twin.snapshot().machines[0]!.services).toEqual([]);
  });

  test("frames that were made have ended or are under way", () => {
    const { frames, fates } = lab.snapshot();
    expect(frames.made).toBe(fates.reduce((sum, fate) => sum + fate.frames, frames.inFlight));
    expect(frames.made).toBeGreaterThan(8);
  });
});
