/** What the kernel of 6.1 refuses and a newer one would not, and what xenlab says it does not model. */
import { describe, expect, it } from "vitest";
import { Hypervisor } from "../../../../src/xen/hypervisor.ts";
import { NETBACK_COSTS } from "../../../../src/xen/netback-costs.ts";
import { ModernVif } from "../../../../src/xen/vif-modern.ts";
import { judges } from "../../../kit/fidelity.ts";
import { EmulatedBox } from "../twin.ts";

judges("ip");

function box(...lines: string[]): EmulatedBox {
  const made = new EmulatedBox();
  for (const line of lines) expect({ line, ...made.run(line) }).toEqual({ line, out: "", err: "", code: 0 });
  return made;
}

const BUSY = { out: "", err: "RTNETLINK answers: Device or resource busy\n", code: 2 };

describe("Linux 6.1", () => {
  it("renames a device only while it is down", () => {
    const lab = box("ip link add v0 type veth peer name v1", "ip link set v0 up");
    expect(lab.run("ip link set v0 name peth0")).toEqual(BUSY);
    expect(lab.run("ip link set v0 down").code).toBe(0);
    expect(lab.run("ip link set v0 name peth0").code).toBe(0);
    expect(lab.run("ip -br link show peth0").out).toMatch(/^peth0@v1 /);
  });

  it("does what stands before the refused setting of one line", () => {
    const lab = box("ip link add v0 type veth peer name v1", "ip link set v0 up");
    expect(lab.run("ip link set v0 mtu 1400 name x0 down")).toEqual(BUSY);
    expect(lab.run("ip -br link show v0").out).toContain("UP");
    expect(lab.machine.table.find("v0")!.mtu).toBe(1400);
  });

  it("gives a Xen device another address only while it is down", () => {
    const lab = box();
    const { machine } = lab;
    const dom0 = new Hypervisor(machine.world).create("Domain-0", "", 512, machine.cpus);
    const { table } = machine;
    table.register(new ModernVif({ table, domain: dom0, frontend: 1, handle: 0, costs: NETBACK_COSTS }));
    expect(lab.run("ip link set vif1.0 up address 00:16:3e:00:00:01").code).toBe(0);
    expect(lab.run("ip link set vif1.0 address 00:16:3e:00:00:02")).toEqual(BUSY);
    expect(lab.run("ip link show vif1.0").out).toContain(
      "link/ether 00:16:3e:00:00:01 brd ff:ff:ff:ff:ff:ff permaddr fe:ff:ff:ff:ff:ff\n",
    );
  });

  it("fills in a number for %d", () => {
    const lab = box("ip link add v0 type veth peer name v1", "ip link set v0 name eth%d", "ip link set v1 name eth%d");
    expect(lab.run("ip -br link").out).toMatch(/^eth1@eth0 .*\neth0@eth1 /m);
  });

  it("moves a port from one bridge to another", () => {
    const lab = box(
      "ip link add br0 type bridge",
      "ip link add br1 type bridge",
      "ip link add v0 type veth peer name v1",
    );
    for (const bridge of ["br0", "br1", "br1"]) expect(lab.run(`ip link set v0 master ${bridge}`).code).toBe(0);
    expect(lab.run("ip link show v0").out).toContain(" master br1 ");
  });
});

describe("what is not modelled", () => {
  it.each([
    "ip -6 route",
    "ip -f inet6 addr",
    "ip rule add goto 5",
    "ip rule save",
    "ip netns add x",
    "ip -b file",
    "ip -c link",
    "ip addr add fe80::1/64 dev lo",
    "ip addr add 10.0.0.1/24 dev lo valid_lft 10",
    "ip route add default nexthop via 10.0.0.1",
    "ip route get 10.0.0.1 tos 4",
    "ip link set lo group 1",
    "ip link set lo netns 1",
    "ip neigh add 10.0.0.1 router dev lo",
    "ip -j monitor",
  ])("%s says so and fails", (line) => {
    expect(box("ip link set lo up").run(line)).toEqual({
      out: "",
      err: expect.stringMatching(/^ip: .*: not modelled\n$/),
      code: 1,
    });
  });
});
