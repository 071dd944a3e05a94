/** ethtool: against a real namespace where the kernel's own devices answer, against the recorded host elsewhere. */
import { readFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Nic } from "../../../../src/device/nic.ts";
import { seconds } from "../../../../src/engine/time.ts";
import { Hypervisor } from "../../../../src/xen/hypervisor.ts";
import { NETBACK_COSTS } from "../../../../src/xen/netback-costs.ts";
import { Netfront } from "../../../../src/xen/netfront.ts";
import { NETFRONT_COSTS } from "../../../../src/xen/netfront-costs.ts";
import { ModernVif } from "../../../../src/xen/vif-modern.ts";
import { judges } from "../../../kit/fidelity.ts";
import { requireTool } from "../../../kit/tools.ts";
import { mac } from "../../../kit/world.ts";
import { EmulatedBox, mayMakeNamespaces, RealBox, withLoopback } from "../twin.ts";

judges("ethtool");

const isPossible = ["ip", "ethtool"].every(requireTool) && mayMakeNamespaces();

describe.skipIf(!isPossible)("ethtool in both worlds", () => {
  let real: RealBox;
  let emulated: EmulatedBox;

  beforeEach(() => {
    real = new RealBox();
    emulated = new EmulatedBox();
    const lines = ["ip link add br0 type bridge", "ip link add v0 type veth peer name v1", "ip link set v1 master br0"];
    for (const line of [...lines, "ip link set v0 up", "ip link set v1 up", "ip link set br0 up"]) {
      for (const box of [real, emulated]) expect(box.run(line).code).toBe(0);
    }
    real.run("sleep 1.1");
    emulated.wait(seconds(1.1));
  });

  afterEach(() => real.close());

  it("prints settings and drivers", () => {
    for (const line of [
      "ethtool v0",
      "ethtool br0",
      "ethtool lo",
      "ethtool -i br0",
      "ethtool -i lo",
      "ethtool -S br0",
      "ethtool -S lo",
    ]) {
      expect({ line, ...emulated.run(line) }).toEqual({ line, ...real.run(line) });
    }
    // The real veth counts XDP, of which there is none here.
    const driver = (box: EmulatedBox | RealBox) => box.run("ethtool -i v0").out.replace(/supports-statistics: .*/, "");
    expect(driver(emulated)).toBe(driver(real));
  });

  it("lists the features in the kernel's order", () => {
    const names = (text: string): string[] => text.split("\n").map((line) => line.replace(/:.*/, ""));
    const later = ["\ttx-tcp-accecn-segmentation"];
    const earlier = ["tx-lockless", "netns-local"];
    const there = names(real.run("ethtool -k v0").out).filter((name) => !later.includes(name));
    const here = names(emulated.run("ethtool -k v0").out);
    expect(here.filter((name) => !earlier.includes(name))).toEqual(there.filter((name) => !earlier.includes(name)));
  });

  it("says what is wrong", () => {
    const lines = [
      "ethtool",
      "ethtool -z v0",
      "ethtool -i nosuch",
      "ethtool -S nosuch",
      "ethtool -k nosuch",
      "ethtool -K nosuch tx off",
    ];
    for (const line of [
      ...lines,
      "ethtool nosuch",
      "ethtool -K v0",
      "ethtool -K v0 tx",
      "ethtool -K v0 foo on",
      "ethtool -K v0 tx maybe",
    ]) {
      expect({ line, ...emulated.run(line) }).toEqual({ line, ...real.run(line) });
    }
  });
});

describe("ethtool on Xen's devices", () => {
  const machine = withLoopback();
  const box = new EmulatedBox(machine);
  const domain = new Hypervisor(machine.world).create("Domain-0", "", 512, machine.cpus);
  const { table } = machine;
  const eth0 = new Nic(machine.table, "eth0", mac("00:30:48:aa:bb:01"));
  const vif = new ModernVif({ table, domain, frontend: 1, handle: 0, costs: NETBACK_COSTS });
  const front = new Netfront({ table, domain, handle: 0, costs: NETFRONT_COSTS }, "eth1", mac("00:16:3e:00:00:01"));
  for (const device of [eth0, vif, front]) machine.table.register(device);

  it("a vif without link settings tells only of the link", () => {
    expect(box.run("ethtool vif1.0").out).toBe("Settings for vif1.0:\n\tLink detected: no\n");
    vif.setUp(true);
    vif.setCarrier(true);
    expect(box.run("ethtool vif1.0").out).toBe("Settings for vif1.0:\n\tLink detected: yes\n");
  });

  it("a NIC tells its speed once it has link", () => {
    expect(box.run("ethtool eth0").out).toContain("\tSpeed: Unknown!\n\tDuplex: Unknown! (255)\n");
    eth0.setUp(true);
    eth0.setCarrier(true);
    expect(box.run("ethtool eth0").out).toContain(
      "\tSpeed: 1000Mb/s\n\tDuplex: Full\n\tAuto-negotiation: on\n\tPort: Twisted Pair\n",
    );
    expect(box.run("ethtool eth0").out).toContain("\tLink detected: yes\n");
  });

  const dump = readFileSync(
    new URL("../../../fixtures/xen-4.17/bridge/00-setup-and-boot/04-g1-g2-ready.txt", import.meta.url),
    "utf8",
  );
  const statistics = (device: string): string =>
    /NIC statistics:\n(?: {5}.*\n)*/.exec(dump.split(`$ ethtool -k ${device}\n`)[1]!)![0].replace(/: \d+/g, ": 0");

  it("statistics are those of the recorded drivers", () => {
    expect(box.run("ethtool -S eth0").out).toBe(statistics("eth0"));
    expect(box.run("ethtool -S vif1.0").out).toBe(statistics("vif1.0"));
  });

  it("a guest's driver is named as recorded", () => {
    const log = readFileSync(
      new URL("../../../fixtures/xen-4.17/bridge/00-setup-and-boot/commands.log", import.meta.url),
      "utf8",
    );
    const [wanted] = /driver: vif\n(?:.*\n)*?supports-priv-flags: no\n/.exec(log)!;
    const release = /version: (.*)/.exec(wanted)![1]!;
    // This netfront counts nothing of its own (rx_gso_checksum_fixup).
    const said = box.run("ethtool -i eth1").out.replace(machine.release, release);
    expect(said.replace(/supports-statistics: .*/, "")).toBe(wanted.replace(/supports-statistics: .*/, ""));
    expect(box.run("ethtool -i vif1.0").out).toContain("bus-info: vif-1-0\n");
  });

  it("a guest cannot switch transmit checksums off, its backend can", () => {
    const refused = box.run("ethtool -K eth1 tx off");
    expect(refused).toMatchObject({ code: 0, err: "" });
    expect(refused.out).toContain("Actual changes:\ntx-checksum-ipv4: on [requested off]\n");
    expect(front.txChecksum).toBe(true);
    expect(box.run("ethtool -k eth1").out).toContain("\ttx-checksum-ipv4: on [fixed]\n");
    expect(box.run("ethtool -K vif1.0 tx off").out).toBe(
      "Actual changes:\ntx-checksum-ipv4: off\ntx-checksum-ipv6: off\n",
    );
    expect(vif.txChecksum).toBe(false);
    expect(box.run("ethtool -K vif1.0 tx off")).toEqual({ code: 0, out: "", err: "" });
    expect(box.run("ethtool -k vif1.0").out).toContain("tx-checksumming: off\n\ttx-checksum-ipv4: off\n");
  });

  it("what is not modelled is off, and asking for it has no effect", () => {
    expect(box.run("ethtool -k eth0").out).toContain(
      "tcp-segmentation-offload: off\n\ttx-tcp-segmentation: off [fixed]\n",
    );
    expect(box.run("ethtool -K eth0 gso on").out).toBe(
      "Actual changes:\ngeneric-segmentation-offload: off [requested on]\n",
    );
    expect(box.run("ethtool -K eth0 tso off gso off")).toEqual({ code: 0, out: "", err: "" });
    expect(box.run("ethtool -s eth0 speed 10")).toMatchObject({ code: 1, err: "ethtool: -s: not modelled\n" });
  });
});
