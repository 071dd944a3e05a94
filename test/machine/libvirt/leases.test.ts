/** libvirt's lease helper as dnsmasq calls it, and what virsh says of the leases. */
import { expect, test } from "vitest";
import type { Machine } from "../../../src/machine/machine.ts";
import { started, typed } from "../on-machine.ts";
import { created, fixture, libvirtHost, virsh } from "./libvirt-host.ts";

const HELPER = "/usr/lib/libvirt/libvirt_leaseshelper";
const call = (machine: Machine, words: string) =>
  typed(
    machine,
    `DNSMASQ_INTERFACE=virbr0 DNSMASQ_LEASE_EXPIRES=1704070800 DNSMASQ_CLIENT_ID=01:52:54:00:11:22:33 ${HELPER} ${words}`,
  );

test("a lease comes, changes and goes", () => {
  const machine = libvirtHost();
  created(machine, fixture("default.dumpxml"));
  expect(call(machine, "add 52:54:00:11:22:33 192.168.122.220 guest1")).toMatchObject({ out: "", err: "", code: 0 });
  call(machine, "add 52:54:00:11:22:22 192.168.122.9");
  expect(virsh(machine, "net-dhcp-leases", "default").out).toBe(
    ` Expiry Time           MAC address         Protocol   IP address           Hostname   Client ID or DUID
------------------------------------------------------------------------------------------------------------
 2024-01-01 01:00:00   52:54:00:11:22:22   ipv4       192.168.122.9/24     -          01:52:54:00:11:22:33
 2024-01-01 01:00:00   52:54:00:11:22:33   ipv4       192.168.122.220/24   guest1     01:52:54:00:11:22:33

`,
  );
  expect(virsh(machine, "net-dhcp-leases", "default", "--mac", "52:54:00:11:22:22").out.split("\n")).toHaveLength(5);
  call(machine, "old 52:54:00:11:22:33 192.168.122.220 renamed");
  expect(call(machine, "init").out).toBe(
    "1704070800 52:54:00:11:22:22 192.168.122.9 * 01:52:54:00:11:22:33\n1704070800 52:54:00:11:22:33 192.168.122.220 renamed 01:52:54:00:11:22:33\n",
  );
  call(machine, "del 52:54:00:11:22:33 192.168.122.220");
  expect(virsh(machine, "-q", "net-dhcp-leases", "default").out).not.toContain("220");
});

test("dnsmasq runs with the network, and ends with it", () => {
  const machine = libvirtHost();
  expect(created(machine, fixture("default.dumpxml")).err).toBe("");
  expect(started(machine, "ps").out).toContain("dnsmasq");
  expect(started(machine, "cat", "/var/lib/libvirt/dnsmasq/default.conf").out).toBe(fixture("nat/dnsmasq.conf"));
  virsh(machine, "net-destroy", "default");
  expect(started(machine, "ps").out).not.toContain("dnsmasq");
});
