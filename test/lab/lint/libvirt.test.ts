/** The traps of libvirt's networks, on hosts whose networks libvirt itself has started. */
import { describe, expect, test } from "vitest";
import { lint, type Trap } from "../../../src/lab/index.ts";
import { labUp, pass, planOf, type } from "../../kit/lab.ts";

const SECOND = `<network><name>second</name><forward mode='nat'/><bridge name='virbr1'/><ip address='10.1.0.1' prefix='24'/></network>`;
const OPEN = `<network><name>open1</name><forward mode='open'/><bridge name='virbr2'/><ip address='10.2.0.1' prefix='24'/></network>`;
const ISOLATED = `<network><name>alone</name><bridge name='virbr3'/><ip address='10.3.0.1' prefix='24'/></network>`;

const topology = (networks: readonly string[], setup: readonly string[], typed: readonly string[]): string => `
networks: { lan: {} }
hosts:
  xen1:
    nics: { eth0: { ip: 198.51.100.10/24 } }
    libvirt: ${JSON.stringify(networks)}
    setup: ${JSON.stringify(setup)}
    domains:
      web1: { vif: [ 'bridge=virbr0' ], inside: { eth0: { ip: 192.168.122.220/24, gateway: 192.168.122.1 } } }
machines:
  out: { nics: { eth0: { ip: 198.51.100.1/24 } } }
scenario: ${JSON.stringify(typed.map((run, i) => ({ at: `${10 + i}s`, on: "xen1", run })))}
`;

interface Host {
  readonly networks?: readonly string[];
  readonly setup?: readonly string[];
  readonly typed?: readonly string[];
}
const planFor = ({ networks = ["default"], setup = [], typed = [] }: Host) => planOf(topology(networks, setup, typed));
/** libvirt's ports wait for four seconds, which is a trap of its own. */
const trapsOf = (host: Host): Trap[] => lint(planFor(host)).filter(({ name }) => name !== "forward-delay");
const trapOf = (host: Host, name: string): Trap | undefined => trapsOf(host).find((trap) => trap.name === name);

const OWN = "iptables -A FORWARD -d 192.168.122.220 -p udp --dport 80 -j ACCEPT";

test("libvirt's default network alone walks into nothing", () => {
  expect(trapsOf({})).toEqual([]);
});

describe("libvirt-first", () => {
  test("a rule that was there before the network starts is never asked", () => {
    const trap = trapOf({ setup: [OWN] }, "libvirt-first");
    expect(trap?.what).toContain("-A FORWARD -d 192.168.122.220/32 -p udp -m udp --dport 80 -j ACCEPT");
    expect(trap?.what).toContain("virbr0");
    expect(trap?.mend[0]).toMatch(/^iptables -I FORWARD -d 192\.168\.122\.220\/32 -p udp -m udp --dport 80 -j ACCEPT/);
  });

  test("what it says is so: the rule counts nothing, and mended it does", () => {
    const lab = labUp(planFor({ setup: [OWN] }));
    type(lab, "out", "ip route add 192.168.122.0/24 via 198.51.100.10");
    const probe = () => type(lab, "out", "echo x | nc -u -w 1 192.168.122.220 80");
    const counted = (): string | undefined =>
      /^\[(\d+):\d+\] -A FORWARD .*--dport 80/m.exec(type(lab, "xen1", "iptables-save -c").stdout)?.[1];
    type(lab, "web1", "ping -c 1 198.51.100.1");
    probe();
    expect(counted()).toBe("0");
    type(lab, "xen1", OWN.replace("-A", "-D"));
    type(lab, "xen1", OWN.replace("-A", "-I"));
    probe();
    expect(Number(counted())).toBeGreaterThan(0);
  });

  test("with libvirt's own words: set in front of its jumps after the start it is asked", () => {
    expect(trapOf({ typed: [OWN.replace("-A", "-I")] }, "libvirt-first")).toBeUndefined();
    expect(trapOf({ networks: [OPEN], setup: [OWN] }, "libvirt-first")).toBeUndefined();
  });
});

describe("libvirt-networks-apart", () => {
  test("two of them refuse each other's guests", () => {
    const trap = trapOf({ networks: ["default", SECOND] }, "libvirt-networks-apart");
    expect(trap?.what).toMatch(/virbr\d and virbr\d cannot reach each other/);
    expect(trap?.mend).toContain("iptables -I FORWARD -i virbr1 -o virbr0 -j ACCEPT");
  });

  test("what mends it mends it, both ways", () => {
    const mend = trapOf({ networks: ["default", SECOND] }, "libvirt-networks-apart")!.mend.filter((line) =>
      line.startsWith("iptables"),
    );
    const lab = labUp(planFor({ networks: ["default", SECOND] }));
    const other = "10.1.0.9";
    // Nobody is there; what counts is whether domain 0 refuses it, or looks for it.
    const answer = (): string => type(lab, "web1", `ping -c 1 -W 5 ${other}`).stdout;
    pass(lab, 5);
    expect(answer()).toContain("Destination Port Unreachable");
    for (const line of mend) expect(type(lab, "xen1", line).code).toBe(0);
    expect(answer()).toContain("Destination Host Unreachable");
  });

  test("one that is open or isolated takes no part", () => {
    expect(trapOf({ networks: ["default", OPEN] }, "libvirt-networks-apart")).toBeUndefined();
  });
});

describe("forwarding-left-on", () => {
  const DESTROY = "virsh net-destroy default";

  test("after net-destroy domain 0 still forwards", () => {
    const trap = trapOf({ typed: [DESTROY] }, "forwarding-left-on");
    expect(trap?.step).toContain(DESTROY);
    expect(trap?.mend).toEqual(["sysctl -w net.ipv4.ip_forward=0"]);
    const lab = labUp(planFor({}));
    type(lab, "xen1", DESTROY);
    expect(type(lab, "xen1", "sysctl -n net.ipv4.ip_forward").stdout).toBe("1\n");
    expect(type(lab, "xen1", "iptables -S LIBVIRT_FWI").stdout).toBe("-N LIBVIRT_FWI\n");
  });

  test("while the network runs, or forwarding is switched off, nothing is left on", () => {
    expect(trapOf({}, "forwarding-left-on")).toBeUndefined();
    expect(trapOf({ typed: [`${DESTROY}; sysctl -qw net.ipv4.ip_forward=0`] }, "forwarding-left-on")).toBeUndefined();
  });

  test("net-destroy leaves a guest without its bridge, and domain 0 a router", () => {
    const names = (host: Host) => trapsOf(host).map(({ name }) => name);
    expect(names({ setup: [OWN] })).toEqual(["libvirt-first"]);
    // Told of the host as it boots; and then the guest's bridge has gone with the network.
    const after = names({ setup: [OWN], typed: [DESTROY] });
    expect(after).toEqual(["libvirt-first", "bridge-gone", "forwarding-left-on"]);
  });

  test("started again it is no trap: the network needs it", () => {
    expect(trapOf({ typed: [DESTROY, "virsh net-start default"] }, "forwarding-left-on")).toBeUndefined();
  });

  test("another network needs it still", () => {
    expect(trapOf({ networks: ["default", SECOND], typed: [DESTROY] }, "forwarding-left-on")).toBeUndefined();
  });

  test("an isolated network never switched it on", () => {
    const typed = ["virsh net-destroy alone"];
    expect(trapOf({ networks: [ISOLATED], typed }, "forwarding-left-on")).toBeUndefined();
  });
});

describe("what is routed for a network of libvirt", () => {
  const SMALL = `<network><name>small</name><forward mode='nat'/><bridge name='virbr0' stp='off'/><ip address='192.168.122.1' prefix='24'><dhcp><range start='192.168.122.9' end='192.168.122.9'/></dhcp></ip></network>`;
  const reaches = (lab: ReturnType<typeof labUp>) => type(lab, "web1", "ping -c 1 -W 1 198.51.100.1").code === 0;

  test.each([
    ["forwarding-off", ["sysctl -w net.ipv4.ip_forward=0"], 0],
    ["routed-forward-drop", ["iptables -F", "iptables -P FORWARD DROP"], 1],
    ["routed-forward-drop", ["iptables -F LIBVIRT_FWI", "iptables -F LIBVIRT_FWO", "iptables -P FORWARD DROP"], 2],
    ["routed-forward-drop", ["iptables -I FORWARD -j DROP"], 0],
    ["nat-without-masquerade", ["iptables -t nat -F"], 0],
  ] as const)("%s: %j", (name, typed, step) => {
    const trap = trapOf({ typed }, name);
    expect(trap?.step).toBe(`the scenario: ${typed[step]}`);
    const lab = labUp(planFor({}));
    pass(lab, 5);
    for (const line of typed) type(lab, "xen1", line);
    expect(reaches(lab), "it is so").toBe(false);
    for (const line of trap!.mend) if (/^(iptables|sysctl) /.test(line)) type(lab, "xen1", line);
    expect(reaches(lab), "what mends it mends it").toBe(true);
  });

  test("forwarding that the topology itself switches off is seen before a line is typed", () => {
    expect(trapOf({ setup: ["sysctl -w net.ipv4.ip_forward=0"] }, "forwarding-off")?.step).toBeDefined();
  });

  test("a rule of the host's own that masquerades is as good as libvirt's", () => {
    const typed = ["iptables -t nat -F", "iptables -t nat -A POSTROUTING -o eth0 -j MASQUERADE"];
    expect(trapsOf({ typed })).toEqual([]);
  });

  test("dhcp-range-small: one address for two", () => {
    const text = topology([SMALL], [], [])
      .replace("{ ip: 192.168.122.220/24, gateway: 192.168.122.1 }", "{ dhcp: true }")
      .replace("machines:", "      web2: { vif: [ 'bridge=virbr0' ], inside: { eth0: { dhcp: true } } }\nmachines:");
    expect(lint(planOf(text))).toMatchObject([
      { name: "dhcp-range-small", what: expect.stringContaining("web1 and web2") },
    ]);
    expect(lint(planOf(text.replace("end='192.168.122.9'", "end='192.168.122.10'")))).toEqual([]);
  });
});
