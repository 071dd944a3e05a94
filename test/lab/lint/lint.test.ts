/** What `xenlab lint` names: each trap in a topology that walks into it, and not in the same one mended. */
import { readdirSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { diagnose, lint, openLab, type Trap } from "../../../src/lab/index.ts";
import { TRAPS } from "../../../src/lab/lint/index.ts";
import { SavedRules } from "../../../src/lab/lint/saved-rules.ts";
import { planOf, planOfFile } from "../../kit/lab.ts";

interface Host {
  readonly xen?: string;
  readonly distro?: string;
  /** Lines of YAML of the host. */
  readonly more?: readonly string[];
  readonly vif?: string;
  readonly vif2?: string;
  readonly setup?: readonly string[];
  readonly inside?: string;
  /** What the scenario types in domain 0. */
  readonly typed?: string;
}

const topology = ({
  xen = "4.17",
  distro = "upstream",
  more = [],
  vif = "bridge=xenbr0",
  vif2,
  setup = [],
  inside,
  typed,
}: Host) => `
name: t
networks: { lan: { kind: switch } }
hosts:
  xen1:
    xen: "${xen}"
    distro: ${distro}
    nics: { eth0: { network: lan, ip: 192.168.1.10/24, gateway: 192.168.1.1 } }
${more.map((line) => `    ${line}\n`).join("")}    setup: ${JSON.stringify(setup)}
    domains:
      web1:
        vif: ["mac=00:16:3e:00:00:01,${vif}"]
        inside: { eth0: ${inside ?? "{ ip: 192.168.1.50/24, gateway: 192.168.1.1 }"} }
${vif2 === undefined ? "" : `      web2:\n        vif: ["${vif2}"]\n`}
machines:
  gw: { nics: { eth0: { network: lan, ip: 192.168.1.1/24 } } }
scenario:
  - { at: 1s, on: gw, run: ping -c 3 192.168.1.50 }
${typed === undefined ? "" : `  - { at: 2s, on: xen1, run: ${typed} }\n`}`;

const trapsOf = (host: Host): Trap[] => lint(planOf(topology(host)));
const namesOf = (host: Host): string[] => trapsOf(host).map(({ name }) => name);

const DROP = "iptables -P FORWARD DROP";
const PHYSDEV = "iptables -A FORWARD -m physdev --physdev-in nosuch -j ACCEPT";
const BRIDGED_OFF = "sysctl -qw net.bridge.bridge-nf-call-iptables=0";
const ROUTED: Host = { vif: "script=vif-route,ip=192.168.1.50" };
const ROUTER = ["sysctl -qw net.ipv4.ip_forward=1", "sysctl -qw net.ipv4.conf.eth0.proxy_arp=1"];
const NATTED: Host = { vif: "script=vif-nat,ip=10.0.1.1", inside: "{ ip: 10.0.1.1/16, gateway: 10.0.1.128 }" };
const FORWARDING = "sysctl -qw net.ipv4.ip_forward=1";
const MASQUERADE = "iptables -t nat -A POSTROUTING -o eth0 -j MASQUERADE";

/** As libvirt leaves them when its network has started. */
const LIBVIRT = [
  "iptables -N LIBVIRT_FWI",
  "iptables -I FORWARD -j LIBVIRT_FWI",
  "iptables -A LIBVIRT_FWI -o virbr0 -j REJECT",
];

/** Name of the trap; who walks into it; who does not; the step that is named and what mends it. */
const CASES: readonly (readonly [name: string, bad: Host, good: Host, step: RegExp | null, mend: RegExp])[] = [
  ["missing-bridge", { vif: "bridge=xenbr7" }, {}, /ip link show dev xenbr7/, /bridge=xenbr0/],
  [
    "missing-bridge",
    { vif: "ip=192.168.1.50", more: ["bridges: { brA: { ports: [eth0] } }"] },
    { vif: "ip=192.168.1.50" },
    /ip link show dev xenbr0/,
    /bridge=brA/,
  ],
  [
    "missing-bridge",
    { xen: "3.1", vif: "ip=192.168.1.50", more: ["network-script: none", "vif-script: vif-bridge"] },
    { xen: "3.1", vif: "ip=192.168.1.50" },
    /brctl show/,
    /brctl addbr xenbr0/,
  ],
  [
    "gateway-outside",
    { inside: "{ ip: 192.168.7.50/24, gateway: 192.168.1.1 }" },
    {},
    /default via 192\.168\.1\.1/,
    /192\.168\.1\.1\/24/,
  ],
  ["no-dhcp-server", { inside: "{ dhcp: true }" }, {}, null, /services: \[dhcp\]/],
  [
    "bridge-gone",
    { typed: "ip link set xenbr0 down; brctl delbr xenbr0" },
    { typed: "brctl show" },
    /the scenario: .*delbr/,
    /brctl addif xenbr0 vif1\.0/,
  ],
  ["nat-prefix-missing", { ...NATTED, xen: "3.0" }, { ...NATTED, xen: "3.1" }, /vif-nat online/, /ip=10\.0\.1\.1\/16/],
  [
    "first-bridge",
    { xen: "3.1", vif: "ip=192.168.1.50", setup: ["brctl addbr brA"] },
    { vif: "ip=192.168.1.50", more: ["bridges: { brA: {}, xenbr0: { ports: [eth0] } }"] },
    /brctl show/,
    /bridge=\S+ in the vif/,
  ],
  [
    "vifname-clash",
    { vif: "bridge=xenbr0,vifname=front", vif2: "bridge=xenbr0,vifname=front" },
    { vif: "bridge=xenbr0,vifname=front", vif2: "bridge=xenbr0,vifname=back" },
    /name front/,
    /of its own/,
  ],
  [
    "duplicate-mac",
    { vif2: "mac=00:16:3e:00:00:01,bridge=xenbr0" },
    { vif2: "mac=00:16:3e:00:00:02,bridge=xenbr0" },
    null,
    /mac=/,
  ],
  [
    "vif-by-number",
    { setup: ["iptables -A INPUT -i vif1.0 -j ACCEPT"] },
    { setup: ["iptables -A INPUT -i vif+ -j ACCEPT"] },
    /vif1\.0/,
    /vifname=/,
  ],
  [
    "bridged-forward-drop",
    { distro: "debian", setup: [DROP, PHYSDEV] },
    { distro: "debian", setup: [DROP, PHYSDEV, BRIDGED_OFF] },
    /the host's own set-up: iptables -P FORWARD DROP/,
    /bridge-nf-call-iptables=0/,
  ],
  [
    "routed-forward-drop",
    { ...ROUTED, setup: [DROP, ...ROUTER] },
    {
      ...ROUTED,
      setup: [DROP, ...ROUTER, "iptables -I FORWARD -i vif+ -j ACCEPT", "iptables -I FORWARD -o vif+ -j ACCEPT"],
    },
    /iptables -P FORWARD DROP/,
    /iptables -I FORWARD -i vif\+ -j ACCEPT/,
  ],
  [
    "bridged-masquerade",
    { setup: ["iptables -t nat -A POSTROUTING -s 192.168.1.0/24 -j MASQUERADE"] },
    { setup: ["iptables -t nat -A POSTROUTING -s 192.168.1.0/24 -o eth0 -j MASQUERADE"] },
    /-j MASQUERADE/,
    /bridge-nf-call-iptables=0/,
  ],
  [
    "antispoof-flush",
    { xen: "3.1", more: ["network-script: network-bridge antispoof=yes"] },
    { xen: "3.1" },
    /network-bridge start: iptables -F FORWARD/,
    /after xend has started/,
  ],
  ["forwarding-off", ROUTED, { ...ROUTED, setup: ROUTER }, /vif-route online/, /ip_forward=1/],
  [
    "proxy-arp-missing",
    { ...ROUTED, setup: [FORWARDING] },
    { ...ROUTED, setup: ROUTER },
    /vif-route online/,
    /net\.ipv4\.conf\.eth0\.proxy_arp=1/,
  ],
  [
    "route-ip-missing",
    { vif: "script=vif-route", setup: ROUTER },
    { ...ROUTED, setup: ROUTER },
    /vif-route online/,
    /ip route add 192\.168\.1\.50 dev vif1\.0/,
  ],
  [
    "guest-address-on-vif",
    { ...ROUTED, setup: ROUTER, typed: "ip addr add 192.168.1.50/32 dev vif1.0" },
    { ...ROUTED, setup: ROUTER },
    /ip addr add 192\.168\.1\.50\/32 dev vif1\.0/,
    /ip addr del 192\.168\.1\.50/,
  ],
  [
    "network-route-eth",
    { xen: "3.1", vif: "ip=192.168.1.50", more: ["network-script: network-route", "vif-script: vif-route"] },
    {
      xen: "3.1",
      vif: "ip=192.168.1.50",
      more: ["network-script: network-route netdev=eth0", "vif-script: vif-route"],
    },
    /network-route start.*conf\/eth\/proxy_arp/,
    /netdev=eth0/,
  ],
  ["nat-octet-overflow", { vif: "script=vif-nat,ip=192.168.7.200" }, NATTED, /192\.168\.7\.327/, /ip=192\.168\.7\.72/],
  [
    "nat-without-masquerade",
    { ...NATTED, setup: [FORWARDING] },
    { ...NATTED, setup: [FORWARDING, MASQUERADE] },
    /vif-nat online/,
    /-o eth0 -j MASQUERADE/,
  ],
  [
    "masquerade-twice",
    { ...NATTED, setup: [FORWARDING, MASQUERADE, MASQUERADE] },
    { ...NATTED, setup: [FORWARDING, MASQUERADE] },
    /-A POSTROUTING/,
    /iptables -t nat -D POSTROUTING -o eth0 -j MASQUERADE/,
  ],
  [
    "forward-delay",
    { setup: ["brctl stp xenbr0 on", "brctl setfd xenbr0 15"] },
    { setup: ["brctl setfd xenbr0 0"] },
    /brctl setfd xenbr0 15/,
    /brctl stp xenbr0 off/,
  ],
  [
    "mtu",
    { inside: "{ ip: 192.168.1.50/24, mtu: 9000 }" },
    { inside: "{ ip: 192.168.1.50/24, mtu: 1400 }" },
    /ip link set mtu/,
    /ip link set eth0 mtu 1500/,
  ],
  [
    "libvirt-first",
    { setup: [...LIBVIRT, "iptables -A FORWARD -d 192.168.122.9 -j ACCEPT"] },
    { setup: [...LIBVIRT, "iptables -I FORWARD -d 192.168.122.9 -j ACCEPT"] },
    null,
    /iptables -I FORWARD -d 192\.168\.122\.9\/32 -j ACCEPT/,
  ],
  [
    "libvirt-networks-apart",
    { setup: [...LIBVIRT, "iptables -A LIBVIRT_FWI -o virbr1 -j REJECT"] },
    { setup: LIBVIRT },
    null,
    /-i virbr0 -o virbr1 -j ACCEPT/,
  ],
  [
    "duplicate-ip",
    { inside: "{ ip: 192.168.1.10/24 }" },
    { inside: "{ ip: 192.168.1.11/24 }" },
    null,
    /Give eth0 of web1 an address of its own/,
  ],
  [
    "gateway-nobody",
    { setup: [FORWARDING], inside: "{ ip: 192.168.1.50/24, gateway: 192.168.1.254 }" },
    { setup: [FORWARDING] },
    /web1: ip route add default via 192\.168\.1\.254/,
    /gateway: 192\.168\.1\.10 in the topology/,
  ],
  [
    "prefix-differs",
    { inside: "{ ip: 192.168.1.50/29 }" },
    {},
    /web1: ip addr add 192\.168\.1\.50\/29/,
    /ip: 192\.168\.1\.50\/24/,
  ],
  ["device-down", { typed: "ip link set xenbr0 down" }, {}, /the scenario/, /ip link set xenbr0 up/],
  ["device-down", { typed: "ifconfig eth0 down" }, {}, /the scenario/, /ip link set eth0 up/],
  ["out-of-bridge", { typed: "brctl delif xenbr0 vif1.0" }, {}, /the scenario/, /brctl addif xenbr0 vif1\.0/],
  [
    "out-of-bridge",
    { more: ["bridges: { xenbr0: { ports: [eth0] } }"], typed: "ip link set eth0 nomaster" },
    { more: ["bridges: { xenbr0: { ports: [eth0] } }"] },
    /the scenario/,
    /brctl addif xenbr0 eth0/,
  ],
  [
    "bridge-firewall",
    { setup: ["ebtables -P FORWARD DROP"] },
    { setup: ["ebtables -A FORWARD -j ACCEPT", "ebtables -P FORWARD DROP"] },
    /the host's own set-up: ebtables -P FORWARD DROP/,
    /ebtables -P FORWARD ACCEPT/,
  ],
  ["netloop-carrier", { xen: "3.1" }, { xen: "4.2" }, /name eth0/, /peth0\/carrier/],
];

describe("a trap", () => {
  test.each(CASES)("%s", (name, bad, good, step, mend) => {
    const trap = trapsOf(bad).find((each) => each.name === name);
    expect(trap, "is walked into").toBeDefined();
    if (step !== null) expect(trap!.step).toMatch(step);
    expect(trap!.mend.join("\n")).toMatch(mend);
    expect(namesOf(good), "and not when mended").not.toContain(name);
  });

  test("has a name of its own", () => {
    const names = TRAPS.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
  });
});

test("a host without a trap has none", () => {
  expect(trapsOf({})).toEqual([]);
  expect(trapsOf({ ...ROUTED, setup: ROUTER })).toEqual([]);
  expect(trapsOf({ ...NATTED, setup: [FORWARDING, MASQUERADE] })).toEqual([]);
});

/** Its own trap, and of 3.0 and 3.1 the carrier of netloop, which is none of its business. */
test.each([
  ["trouble-duplicate-mac.yaml", "duplicate-mac"],
  ["trouble-forward-delay.yaml", "forward-delay"],
  ["trouble-hotplug-never-connected.yaml", "silent-script"],
  ["trouble-mtu.yaml", "mtu"],
  ["trouble-no-bridge.yaml", "missing-bridge"],
  ["trouble-vifname-clash.yaml", "vifname-clash"],
  ["trouble-dead-cable.yaml", null],
  ["trouble-proxy-arp-missing.yaml", "proxy-arp-missing"],
  ["trouble-route-ip-missing.yaml", "route-ip-missing"],
  ["trouble-routed-forward-drop.yaml", "routed-forward-drop"],
  ["route.yaml", null],
  ["nat-xen.yaml", "nat-without-masquerade"],
  ["nat.yaml", "forward-delay"],
  ["modes-side-by-side.yaml", "forward-delay"],
])("%s walks into %s", (file, name) => {
  const own = lint(planOfFile(file))
    .map((trap) => trap.name)
    .filter((each) => each !== "netloop-carrier");
  expect(own).toEqual(name === null ? [] : [name]);
});

test("of the healthy ones only those with netloop have a trap", () => {
  const files = readdirSync(new URL("../../../topologies", import.meta.url)).filter((name) =>
    /^bridge.*yaml$/.test(name),
  );
  const found = files.map((file) => [file, lint(planOfFile(file)).map(({ name }) => name)] as const);
  expect(Object.fromEntries(found.filter(([, names]) => names.length > 0))).toEqual({
    "bridge.yaml": ["netloop-carrier"],
    "bridge-3.0.yaml": ["netloop-carrier"],
  });
});

test("a trap that the scenario mends stays one, and says so; one that it brings is named", () => {
  const mended = trapsOf({ ...NATTED, setup: [FORWARDING], typed: MASQUERADE });
  expect(mended.map(({ name, mendedLater }) => [name, mendedLater])).toEqual([["nat-without-masquerade", true]]);
  const brought = trapsOf({ ...NATTED, setup: [FORWARDING, MASQUERADE], typed: MASQUERADE });
  expect(brought).toMatchObject([
    { name: "masquerade-twice", step: `the scenario: ${MASQUERADE}`, mendedLater: false },
  ]);
});

test("what mends a missing route is told by lint and by explain in the same words", () => {
  const plan = planOfFile("trouble-route-ip-missing.yaml");
  const lab = openLab(plan);
  while (!lab.runSlice(50_000));
  expect(lint(plan)[0]!.mend).toEqual(diagnose(lab)[0]!.cure);
});

test("saved rules: chains that are jumped to are reached, and loops of them are left", () => {
  const rules = new SavedRules(
    "*filter\n:FORWARD DROP [0:0]\n:A - [0:0]\n-A FORWARD -i vif+ -j A\n-A A -j ACCEPT\n-A A -j A\nCOMMIT\n",
  );
  expect(rules.policy("filter", "FORWARD")).toBe("DROP");
  expect(rules.reached("filter", "FORWARD").map(({ text }) => text)).toEqual([
    "-A FORWARD -i vif+ -j A",
    "-A A -j ACCEPT",
    "-A A -j A",
  ]);
});

test("what goes with a bridge that the scenario takes away is not mended by that", () => {
  const setup = ["brctl stp xenbr0 on", "brctl setfd xenbr0 15"];
  const traps = trapsOf({ setup, typed: "ip link set xenbr0 down; brctl delbr xenbr0" });
  expect(traps.map(({ name, mendedLater }) => [name, mendedLater])).toEqual([
    ["forward-delay", false],
    ["bridge-gone", false],
  ]);
});

test("a bridge without a NIC is a trap where its guests have neighbours behind an idle one", () => {
  const text = topology({ more: ["bridges: { xenbr0: { ports: [eth0] } }"] });
  const bare = text
    .replace("ports: [eth0]", "ports: []")
    .replace(", ip: 192.168.1.10/24, gateway: 192.168.1.1 }", " }");
  const found = (each: string) => lint(planOf(each)).find(({ name }) => name === "no-uplink");
  expect(found(text)).toBeUndefined();
  expect(found(bare)?.mend).toEqual(["brctl addif xenbr0 eth0"]);
  // The guest knows nobody out there.
  expect(found(bare.replaceAll("192.168.1.50", "10.7.7.50"))).toBeUndefined();
});
