/** `--to libvirt`: networks and domains of the lab as XML, each defined by virsh from a here-document. */
import { invariant } from "../../base/invariant.ts";
import { formatNetwork } from "../../machine/libvirt/network-format.ts";
import { formatMac } from "../../packet/address.ts";
import { Lab } from "../lab.ts";
import type { DomainPlan, HostPlan, Plan } from "../topology/plan.ts";
import { hostScript } from "./host-script.ts";
import type { ExportKind } from "./kind.ts";

export const libvirt: ExportKind = {
  name: "libvirt",
  summary: "for a host with libvirt: network and domain XML, defined by virsh",
  extension: "sh",
  print,
};

function print(plan: Plan): string {
  const lab = new Lab(plan, { scenario: false });
  lab.comeUp();
  return hostScript(plan, "networks and domains for libvirt's Xen driver (virsh -c xen:///system)", (host) => {
    const machine = lab.find(host.name);
    invariant(machine !== null, `no machine ${host.name}`);
    const networks = machine.parts.libvirt?.networks ?? [];
    return [
      ...networks.flatMap(({ current }) => [
        ...define("net-define", formatNetwork(current)),
        `virsh net-autostart ${current.name}`,
        `virsh net-start ${current.name}`,
      ]),
      ...host.setup,
      ...host.domains.flatMap((domain) => [
        ...define("define", domainXml(host, domain)),
        `${domain.autostart ? "" : "# "}virsh start ${domain.name}`,
      ]),
    ];
  });
}

const define = (verb: string, xml: string): string[] => [`virsh ${verb} /dev/stdin << 'END'`, xml.trimEnd(), "END"];

/** A PV guest as libvirt's Xen driver takes it; a routed vif is of type ethernet, its script gets the addresses. */
function domainXml({ vifScript }: HostPlan, { name, memory, vcpus, vifs }: DomainPlan): string {
  return [
    "<domain type='xen'>",
    `  <name>${escaped(name)}</name>`,
    `  <memory unit='MiB'>${memory}</memory>`,
    `  <vcpu>${vcpus}</vcpu>`,
    "  <os>",
    "    <type>linux</type>",
    "    <kernel>/boot/vmlinuz-guest</kernel>",
    "    <cmdline>console=hvc0</cmdline>",
    "  </os>",
    "  <devices>",
    ...vifs.flatMap(({ mac, bridge, ip, script, vifname }) => {
      const bridged = bridge !== null || (script ?? vifScript) === "vif-bridge";
      return [
        `    <interface type='${bridged ? "bridge" : "ethernet"}'>`,
        `      <mac address='${formatMac(mac)}'/>`,
        ...(bridged ? [`      <source bridge='${escaped(bridge ?? "xenbr0")}'/>`] : []),
        ...ip.map((address) => `      <ip address='${escaped(address)}'/>`),
        `      <script path='${escaped(script ?? vifScript)}'/>`,
        ...(vifname === null ? [] : [`      <target dev='${escaped(vifname)}'/>`]),
        "    </interface>",
      ];
    }),
    "    <console type='pty'><target type='xen'/></console>",
    "  </devices>",
    "</domain>",
  ].join("\n");
}

const escaped = (text: string): string => text.replace(/[&<>'"]/g, (letter) => `&#${letter.charCodeAt(0)};`);
