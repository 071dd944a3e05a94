/** The rules as command lines, beside those that a real libvirt 9.0.0 ran. */
import { describe, expect, test } from "vitest";
import { confLines, hostLines } from "../../../src/machine/libvirt/dnsmasq-files.ts";
import type { Network, NetworkDefinition } from "../../../src/machine/libvirt/network.ts";
import { readNetwork } from "../../../src/machine/libvirt/network-read.ts";
import { startSteps, stopSteps } from "../../../src/machine/libvirt/sequence.ts";
import type { Mac } from "../../../src/packet/address.ts";
import { judges } from "../../kit/fidelity.ts";
import { started } from "../on-machine.ts";
import { created, fixture, libvirtHost, recordedCommands } from "./libvirt-host.ts";

judges("libvirt rules");

const RANGE = `<network>
  <name>full</name>
  <forward mode='nat' dev='lo'><nat><address start='198.51.100.10' end='198.51.100.12'/><port start='5000' end='6000'/></nat></forward>
  <bridge name='virbr55' stp='off' delay='3'/>
  <ip address='10.55.0.1' netmask='255.255.255.0'>
    <dhcp><range start='10.55.0.100' end='10.55.0.110'/></dhcp>
  </ip>
</network>`;
const OPEN = `<network><name>open1</name><forward mode='open'/><bridge name='virbr66'/>
  <ip address='10.66.0.1' prefix='24'><dhcp><range start='10.66.0.5' end='10.66.0.9'/></dhcp></ip></network>`;

function network(xml: string): Network {
  const { network: found, mistake } = readNetwork(xml);
  expect(mistake).toBeNull();
  const { bridge, ...rest } = found as NetworkDefinition;
  return { ...rest, uuid: "", mac: 0x5254_0000_0001 as Mac, bridge: { ...bridge, name: bridge.name! } };
}

const iptables = (steps: readonly { readonly run: string }[]): string[] =>
  steps.map(({ run }) => run).filter((run) => run.startsWith("iptables"));

describe("net-start writes the rules that libvirt writes, in its order", () => {
  test.each([
    ["start-nat", fixture("default.orig.xml"), true],
    ["start-route", fixture("route.dumpxml"), false],
    ["start-isolated", fixture("isolated.dumpxml"), false],
    ["start-nat-range", RANGE, false],
  ])("%s", (recording, xml, first) => {
    expect(iptables(startSteps(network(xml), first))).toEqual(recordedCommands(recording));
  });

  test("an open network has none, not even the chains", () => {
    expect(iptables(startSteps(network(OPEN), true))).toEqual([]);
  });
});

test.each([
  ["destroy-nat", "default.orig.xml"],
  ["destroy-route", "route.dumpxml"],
  ["destroy-isolated", "isolated.dumpxml"],
])("net-destroy deletes them in libvirt's order: %s", (recording, xml) => {
  expect(iptables(stopSteps(network(fixture(xml)), null))).toEqual(recordedCommands(recording));
});

test("NAT with device, addresses and ports: the rules that iptables-save shows", () => {
  const machine = libvirtHost();
  expect(created(machine, RANGE).err).toBe("");
  const ours = started(machine, "iptables-save").out.replace(/^#.*\n/gm, "");
  const rules = (text: string): string[] =>
    text.split("\n").filter((line) => line.includes("virbr55") || line.includes("10.55"));
  expect(rules(ours)).toEqual(rules(recordedCommands("save-nat-range").join("\n")));
  expect(rules(ours).length).toBeGreaterThan(18);
});

test("an open network leaves iptables alone and forwards", () => {
  const machine = libvirtHost();
  expect(created(machine, OPEN).err).toBe("");
  expect(started(machine, "iptables-save").out).toBe("");
  expect(started(machine, "sysctl", "-n", "net.ipv4.ip_forward").out).toBe("1\n");
});

describe("what dnsmasq is told", () => {
  test.each([
    ["nat", "default.dumpxml"],
    ["route", "route.dumpxml"],
    ["isolated", "isolated.dumpxml"],
  ])("%s: the configuration of the dump", (name, xml) => {
    expect(`${confLines(network(fixture(xml))).join("\n")}\n`).toBe(fixture(`${name}/dnsmasq.conf`));
  });

  test("fixed addresses, and only fixed ones", () => {
    const fixed = network(`<network><name>a</name><bridge name='virbr0'/><ip address='10.0.0.1' prefix='24'><dhcp>
      <host mac='52:54:00:aa:bb:cc' ip='10.0.0.9'/><host name='q' ip='10.0.0.8'/></dhcp></ip></network>`);
    expect(hostLines(fixed)).toEqual(["52:54:00:aa:bb:cc,10.0.0.9", "q,10.0.0.8"]);
    expect(confLines(fixed).slice(8)).toEqual([
      "dhcp-range=10.0.0.1,static",
      "dhcp-no-override",
      "dhcp-authoritative",
      "dhcp-hostsfile=/var/lib/libvirt/dnsmasq/a.hostsfile",
      "addn-hosts=/var/lib/libvirt/dnsmasq/a.addnhosts",
    ]);
  });

  test("forwarders, a domain, texts", () => {
    const lines = confLines(
      network(`<network><name>a</name><bridge name='virbr0'/><forward/><domain name='x.y' localOnly='yes'/><dns>
        <forwarder addr='8.8.8.8'/><forwarder domain='q.r' addr='1.2.3.4'/><txt name='t' value='v'/></dns>
        <ip address='10.0.0.1' prefix='24'/></network>`),
    );
    expect(lines).toEqual([
      "strict-order",
      "server=8.8.8.8",
      "server=/q.r/1.2.3.4",
      "no-resolv",
      "local=/x.y/",
      "domain=x.y",
      "expand-hosts",
      "pid-file=/run/libvirt/network/a.pid",
      "except-interface=lo",
      "bind-dynamic",
      "interface=virbr0",
      "txt-record=t,v",
      "addn-hosts=/var/lib/libvirt/dnsmasq/a.addnhosts",
    ]);
  });
});
