/** ebtables beside the real one, and beside the kernel: the same frames through the same rules, and their counters. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { judges } from "../../kit/fidelity.ts";
import { labUp, planOf, type as typeIn } from "../../kit/lab.ts";
import { requireTool } from "../../kit/tools.ts";
import { EmulatedBox, mayMakeNamespaces, RealBox } from "./twin.ts";

judges("ebtables");

/** In order, on one box: every line leaves its rules to the next. */
const LINES = [
  "ebtables -V",
  "ebtables -L",
  "ebtables -A FORWARD -p IPv4 --ip-src 10.0.0.1 --ip-proto udp --ip-dport 53 -j DROP",
  "ebtables -A FORWARD -s 00:16:3e:00:00:01 -i vif1.0 -j ACCEPT",
  "ebtables -A INPUT -p ARP --arp-op Request --arp-ip-dst 10.0.0.5 -j DROP",
  "ebtables -N mine",
  "ebtables -N mine",
  "ebtables -N INPUT",
  "ebtables -A mine -d Broadcast -j DROP",
  "ebtables -A FORWARD -i vif+ -j mine",
  "ebtables -A FORWARD -p 802_1Q -j DROP",
  "ebtables -A FORWARD -p LENGTH -j DROP",
  "ebtables -A FORWARD -p 0x1234 -j CONTINUE",
  "ebtables -A FORWARD -p 0x800 -j ACCEPT",
  "ebtables -A FORWARD -s ! 00:16:3e:00:00:02/ff:ff:ff:00:00:00 -o eth0 -j DROP",
  "ebtables -A FORWARD --pkttype-type broadcast -j DROP",
  "ebtables -A FORWARD --log -j DROP",
  "ebtables -A FORWARD --log-level 5 --log-prefix hey --log-ip --log-arp -j ACCEPT",
  "ebtables -A FORWARD -p IPv4 --ip-src ! 10.0.0.0/8 --ip-sport 100:200 --ip-proto 17 -j DROP",
  "ebtables -A FORWARD -p ARP --arp-mac-src 00:16:3e:00:00:01 --arp-mac-dst ! 00:16:3e:00:00:02 --arp-ip-src 10.0.0.0/24 -j DROP",
  "ebtables -A FORWARD -d BGA -s Multicast -j mine",
  "ebtables -A FORWARD -d Unicast -j RETURN",
  "ebtables -A FORWARD -p ! IPv4 -i ! vif1.0 -j ACCEPT",
  "ebtables -A FORWARD ! -p ARP -j DROP",
  "ebtables -A FORWARD -p IPv4 --ip-proto 99 --ip-dst 10.0.0.0/255.0.255.0 -j DROP",
  "ebtables -A FORWARD",
  "ebtables -P OUTPUT DROP",
  "ebtables -L",
  "ebtables -L --Lc",
  "ebtables -L FORWARD --Lc --Ln",
  "ebtables -L --Lx",
  "ebtables-save",
  "ebtables-save -c",
  "ebtables -D FORWARD 1",
  "ebtables -D FORWARD 0",
  "ebtables -D FORWARD 99",
  "ebtables -D FORWARD 2:3",
  "ebtables -D FORWARD -p 0x1234 -j CONTINUE",
  "ebtables -D FORWARD -p 0x1234 -j CONTINUE",
  "ebtables -I FORWARD 1 -j ACCEPT",
  "ebtables -I FORWARD 99 -j ACCEPT",
  "ebtables -I FORWARD -j CONTINUE",
  "ebtables -L FORWARD --Ln",
  "ebtables -Z",
  "ebtables -X mine",
  "ebtables -L nosuch",
  "ebtables -A nosuch -j DROP",
  "ebtables -A FORWARD -j nosuch",
  "ebtables -A FORWARD --ip-src 1.2.3.4 -j DROP",
  "ebtables -A FORWARD -p IPv4 --ip-dport 5 -j DROP",
  "ebtables -A FORWARD -p IPv4 --ip-proto icmp --ip-dport 5 -j DROP",
  "ebtables -P FORWARD RETURN",
  "ebtables -P FORWARD foo",
  "ebtables -P mine CONTINUE",
  "ebtables -N shut -P DROP",
  "ebtables -N wrong -P foo",
  "ebtables -N wrong -P CONTINUE",
  "ebtables -N wrong -P",
  "ebtables -N wrong -P DROP -P ACCEPT",
  "ebtables -N INPUT -P DROP",
  "ebtables-save",
  "ebtables -X shut",
  "ebtables -P nosuch DROP",
  "ebtables -F nosuch",
  "ebtables -A FORWARD -i",
  "ebtables -A FORWARD -j",
  "ebtables -A",
  "ebtables foo",
  "ebtables -L -F",
  "ebtables -A FORWARD -s xx -j DROP",
  "ebtables -A INPUT -o eth0 -j DROP",
  "ebtables -A OUTPUT -i eth0 -j DROP",
  "ebtables -A FORWARD -p foo -j DROP",
  "ebtables -A FORWARD -p ARP --arp-op foo -j DROP",
  "ebtables -A FORWARD -p IPv4 --ip-src x -j DROP",
  "ebtables -A FORWARD -p IPv4 --ip-proto udp --ip-dport 70000 -j DROP",
  "ebtables -A FORWARD --pkttype-type foo -j DROP",
  "ebtables -F",
  "ebtables -X",
  "ebtables -L",
];

const comparable = (text: string): string => text.replaceAll(/ on \w{3} .*$/gm, " on DATE");

describe.runIf(requireTool("ebtables") && mayMakeNamespaces())("beside the real ebtables", () => {
  let real: RealBox;
  const ours = new EmulatedBox();
  beforeAll(() => {
    real = new RealBox();
  });
  afterAll(() => real.close());

  test.each(LINES.map((line, i) => [i, line] as const))("%i %s", (_, line) => {
    const theirs = real.run(line);
    const mine = ours.run(line);
    expect({ ...mine, out: comparable(mine.out) }).toEqual({ ...theirs, out: comparable(theirs.out) });
  });
});

const TOPOLOGY = `
name: t
networks: { lan: { kind: switch } }
hosts:
  xen1:
    xen: "4.17"
    distro: debian
    nics: { eth0: { network: lan } }
    bridges: { xenbr0: { ports: [eth0], ip: 192.168.1.10/24 } }
    domains:
      web1:
        vif: ["mac=00:16:3e:00:00:01,bridge=xenbr0"]
        inside: { eth0: { ip: 192.168.1.11/24 } }
machines:
  gw: { nics: { eth0: { network: lan, ip: 192.168.1.1/24 } } }
`;

describe("rules on the bridge of a host", () => {
  const up = () => labUp(planOf(TOPOLOGY));
  const ping = (lab: ReturnType<typeof up>, to: string) => typeIn(lab, "web1", `ping -c 1 -W 1 ${to}`).code;

  test("a spoofed address is dropped in FORWARD, with its fate and its count; the right one passes", () => {
    const lab = up();
    typeIn(lab, "xen1", "ebtables -A FORWARD -i vif1.0 -p IPv4 --ip-src ! 192.168.1.11 -j DROP");
    expect(ping(lab, "192.168.1.1")).toBe(0);
    typeIn(lab, "web1", "ip addr add 192.168.1.66/24 dev eth0");
    expect(typeIn(lab, "web1", "ping -c 1 -W 1 -I 192.168.1.66 192.168.1.1").code).toBe(1);
    expect(lab.fates.find(({ name }) => name === "ebtables-drop")?.frames).toBe(1);
    expect(lab.snapshot().drops.find(({ fate }) => fate === "ebtables-drop")?.point).toContain("ebtables.FORWARD");
    expect(typeIn(lab, "xen1", "ebtables -L FORWARD --Lc").stdout).toContain("-j DROP , pcnt = 1 -- bcnt = 84");
  });

  test("INPUT is what the host itself gets, OUTPUT what it sends; FORWARD is neither", () => {
    const lab = up();
    typeIn(lab, "xen1", "ebtables -P INPUT DROP");
    expect(ping(lab, "192.168.1.10")).toBe(1);
    expect(ping(lab, "192.168.1.1")).toBe(0);
    typeIn(lab, "xen1", "ebtables -P INPUT ACCEPT; ebtables -A OUTPUT -o vif1.0 -p IPv4 -j DROP");
    expect(ping(lab, "192.168.1.10")).toBe(1);
    expect(ping(lab, "192.168.1.1")).toBe(0);
    expect(lab.fates.map(({ name }) => name)).toEqual(expect.arrayContaining(["ebtables-policy", "ebtables-drop"]));
  });

  test("a policy DROP that forgets ARP lets nothing come about", () => {
    const lab = up();
    typeIn(lab, "xen1", "ebtables -P FORWARD DROP; ebtables -A FORWARD -p IPv4 -j ACCEPT");
    expect(ping(lab, "192.168.1.1")).toBe(1);
    typeIn(lab, "xen1", "ebtables -A FORWARD -p ARP -j ACCEPT");
    expect(ping(lab, "192.168.1.1")).toBe(0);
  });

  test("save and restore: the same rules again; a wrong file changes nothing", () => {
    const lab = up();
    typeIn(
      lab,
      "xen1",
      "ebtables -N mine; ebtables -A mine -s 00:16:3e:00:00:01 -j RETURN; ebtables -A FORWARD --log-prefix 'a b' --log -j mine",
    );
    typeIn(lab, "xen1", "ebtables-save > /tmp/rules; ebtables -F; ebtables-restore < /tmp/rules");
    const saved = typeIn(lab, "xen1", "ebtables-save").stdout;
    expect(saved).toContain(
      '-A FORWARD --log-level notice --log-prefix "a b" -j mine\n-A mine -s 00:16:3e:00:00:01 -j RETURN',
    );
    expect(ping(lab, "192.168.1.1")).toBe(0);
    expect(typeIn(lab, "xen1", "dmesg").stdout).toMatch(/a bIN=vif1\.0 OUT=eth0 MACSRC=00:16:3e:00:00:01/);
    expect(typeIn(lab, "xen1", "echo '-A FORWARD -j nosuch' | ebtables-restore").code).not.toBe(0);
    expect(comparable(typeIn(lab, "xen1", "ebtables-save").stdout)).toBe(comparable(saved));
  });

  test("a chain that leads back to itself is refused", () => {
    const { out, code, err } = (() => {
      const box = new EmulatedBox();
      box.run("ebtables -N a");
      return box.run("ebtables -A a -j a");
    })();
    expect({ out, code }).toEqual({ out: "", code: 4 });
    expect(err).toContain("RULE_APPEND failed");
  });
});
