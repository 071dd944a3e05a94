/** Cables are found by what a NIC is called now, and by what the topology called it. */
import { describe, expect, it } from "vitest";
import { labUp, planOf, planOfFile, type } from "../kit/lab.ts";

describe("the wiring of a lab", () => {
  it("knows a NIC by its new name, and by the topology's while no other NIC has taken that", () => {
    const lab = labUp(planOfFile("bridge-xl.yaml"));
    const { cable } = lab.wiring.find("xen1", "eth0")!;
    type(lab, "xen1", "ip link set eth0 down; ip link set eth0 name peth0; ip link set peth0 up");
    expect(lab.wiring.names).toEqual(["outside:eth0", "xen1:peth0"]);
    expect(lab.wiring.find("xen1", "peth0")!.cable === cable).toBe(true);
    expect(lab.wiring.find("xen1", "eth0")!.cable === cable).toBe(true);
    expect(lab.plug("xen1", "peth0", false)).toBe(true);
    expect(cable.plugged).toBe(false);
    expect(lab.plug("xen1", "eth0", true)).toBe(true);
    expect(cable.plugged).toBe(true);
  });

  it("has no cable for what is no NIC of the topology", () => {
    const lab = labUp(planOfFile("bridge-xl.yaml"));
    for (const device of ["xenbr0", "vif1.0", "eth1"]) expect(lab.plug("xen1", device, false)).toBe(false);
    expect(lab.wiring.of(lab.machine("xen1").table.find("vif1.0")!)).toBeNull();
  });

  it("prefers the name of today when two NICs have swapped theirs", () => {
    const lab = labUp(
      planOf(
        "networks: { lan: {} }\nmachines: { box: { nics: { eth0: { network: lan }, eth1: { network: lan } } } }\n",
      ),
    );
    const [first, second] = lab.wiring.links.map(({ cable }) => cable);
    type(lab, "box", "ip link set eth0 down; ip link set eth1 down; ip link set eth0 name old");
    type(lab, "box", "ip link set eth1 name eth0; ip link set old name eth1");
    expect(lab.wiring.find("box", "eth0")!.cable === second).toBe(true);
    expect(lab.wiring.find("box", "eth1")!.cable === first).toBe(true);
  });

  it("knows both ends of a direct cable", () => {
    const two =
      "networks: { p2p: { kind: cable } }\nmachines: { one: { nics: { eth0: { network: p2p } } }, two: { nics: { eth0: { network: p2p } } } }\n";
    const lab = labUp(planOf(two));
    expect(lab.wiring.links.map(({ network, nic }) => `${nic.table.machine} on ${network}`)).toEqual([
      "one on p2p",
      "two on p2p",
    ]);
    expect(lab.wiring.links[0]!.cable === lab.wiring.links[1]!.cable).toBe(true);
  });
});
