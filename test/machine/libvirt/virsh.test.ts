/** virsh, word for word as virsh 9.0.0 of Debian 12 with libvirt's network driver. */
import { describe, expect, test } from "vitest";
import type { Machine } from "../../../src/machine/machine.ts";
import { judges } from "../../kit/fidelity.ts";
import { newMachine, started } from "../on-machine.ts";
import { fixture, libvirtHost, virsh } from "./libvirt-host.ts";

judges("virsh");

function withDefault(): Machine {
  const machine = libvirtHost();
  machine.files.write("/tmp/default.xml", fixture("default.orig.xml"));
  expect(virsh(machine, "net-define", "/tmp/default.xml").out).toBe(
    "Network default defined from /tmp/default.xml\n\n",
  );
  return machine;
}

const said = (machine: Machine, ...words: string[]): string => {
  const { out, err, code } = virsh(machine, ...words);
  return `${out}${err}= ${code}`;
};

const ISOLATED = "<network><name>iso</name><bridge name='virbr9'/><ip address='192.168.77.1' prefix='24'/></network>";
const TAKEN = "error: Requested operation is not valid: network is already active";
const NOT_FOUND = (name: string): string =>
  `\nerror: failed to get network '${name}'\nerror: Network not found: no network with matching name '${name}'\n= 1`;

test("from define to undefine", () => {
  const machine = withDefault();
  expect(said(machine, "net-list")).toBe(
    " Name   State   Autostart   Persistent\n----------------------------------------\n\n= 0",
  );
  expect(said(machine, "net-list", "--all")).toBe(
    " Name      State      Autostart   Persistent\n----------------------------------------------\n default   inactive   no          yes\n\n= 0",
  );
  expect(said(machine, "net-start", "default")).toBe("Network default started\n\n= 0");
  expect(said(machine, "net-start", "default")).toBe(`\nerror: Failed to start network default\n${TAKEN}\n= 1`);
  expect(said(machine, "net-autostart", "default")).toBe("Network default marked as autostarted\n\n= 0");
  expect(said(machine, "net-list")).toBe(
    " Name      State    Autostart   Persistent\n--------------------------------------------\n default   active   yes         yes\n\n= 0",
  );
  expect(said(machine, "net-info", "default").replace(/[0-9a-f-]{36}/, "UUID")).toBe(
    "Name:           default\nUUID:           UUID\nActive:         yes\nPersistent:     yes\nAutostart:      yes\nBridge:         virbr0\n\n= 0",
  );
  expect(said(machine, "net-dhcp-leases", "default")).toBe(
    " Expiry Time   MAC address   Protocol   IP address   Hostname   Client ID or DUID\n-----------------------------------------------------------------------------------\n\n= 0",
  );
  expect(said(machine, "net-autostart", "--disable", "default")).toBe("Network default unmarked as autostarted\n\n= 0");
  expect(said(machine, "net-undefine", "default")).toBe("Network default has been undefined\n\n= 0");
  expect(said(machine, "net-list", "--name")).toBe("default\n\n= 0");
  expect(said(machine, "net-destroy", "default")).toBe("Network default destroyed\n\n= 0");
  expect(said(machine, "net-destroy", "default")).toBe(NOT_FOUND("default"));
});

test("names and UUIDs find each other", () => {
  const machine = withDefault();
  const uuid = virsh(machine, "net-uuid", "default").out.trim();
  expect(uuid).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  expect(said(machine, "net-name", uuid)).toBe("default\n\n= 0");
  expect(said(machine, "net-info", uuid)).toContain("default");
  expect(said(machine, "net-name", "default")).toBe("\nerror: failed to get network 'default'\n= 1");
});

test("a network that was only created", () => {
  const machine = libvirtHost();
  machine.files.write("/tmp/iso.xml", ISOLATED);
  expect(said(machine, "net-create", "/tmp/iso.xml")).toBe("Network iso created from /tmp/iso.xml\n\n= 0");
  expect(said(machine, "net-list", "--all")).toBe(
    " Name   State    Autostart   Persistent\n-----------------------------------------\n iso    active   no          no\n\n= 0",
  );
  expect(said(machine, "net-autostart", "iso")).toBe(
    "\nerror: failed to mark network iso as autostarted\nerror: Requested operation is not valid: cannot set autostart for transient network\n= 1",
  );
  expect(said(machine, "net-undefine", "iso")).toBe(
    "\nerror: Failed to undefine network iso\nerror: Requested operation is not valid: can't undefine transient network\n= 1",
  );
  expect(started(machine, "sysctl", "-n", "net.ipv4.ip_forward").out).toBe("0\n");
  expect(said(machine, "net-destroy", "iso")).toBe("Network iso destroyed\n\n= 0");
  expect(said(machine, "net-list", "--all")).not.toContain("iso");
});

describe("what cannot be", () => {
  test.each([
    [["net-start", "nix"], NOT_FOUND("nix")],
    [["net-start"], "error: command 'net-start' requires <network> option\n= 1"],
    [["net-list", "--frob"], "error: command 'net-list' doesn't support option --frob\n= 1"],
    [["net-info", "default", "extra"], "error: unexpected data 'extra'\n= 1"],
    [["net-frob"], "error: unknown command: 'net-frob'\n= 1"],
    [["net-edit", "default"], "virsh: net-edit is not modelled\n= 1"],
    [["net-define", "nofile.xml"], "\nerror: Failed to open file 'nofile.xml': No such file or directory\n= 1"],
    [
      ["net-list", "--table", "--uuid"],
      "\nerror: Only one argument from --table, --name and --uuid may be specified.\n= 1",
    ],
    [["domiflist", "web1"], "\nerror: failed to get domain 'web1'\n= 1"],
  ])("%s", (words, answer) => {
    expect(said(withDefault(), ...words)).toBe(answer);
  });

  test("a description that is wrong", () => {
    const machine = libvirtHost();
    machine.files.write("/tmp/bad.xml", "<network>\n  <name>x</name>\n  <bridge name='virbr5'\n</network>\n");
    expect(said(machine, "net-define", "/tmp/bad.xml")).toBe(
      "\nerror: Failed to define network from /tmp/bad.xml\nerror: (network_definition):4: error parsing attribute name\n</network>\n^\n= 1",
    );
  });

  test("a name or a bridge that is taken", () => {
    const machine = withDefault();
    const uuid = virsh(machine, "net-uuid", "default").out.trim();
    expect(said(machine, "net-define", "/tmp/default.xml")).toBe(
      `\nerror: Failed to define network from /tmp/default.xml\nerror: operation failed: network 'default' already exists with uuid ${uuid}\n= 1`,
    );
    machine.files.write("/tmp/b.xml", ISOLATED.replace("virbr9", "virbr0"));
    expect(said(machine, "net-define", "/tmp/b.xml")).toBe(
      "\nerror: Failed to define network from /tmp/b.xml\nerror: internal error: bridge name 'virbr0' already in use.\n= 1",
    );
  });

  test("a network that is there already, and one that only overlaps", () => {
    const machine = withDefault();
    started(machine, "ip", "link", "add", "dd", "type", "veth", "peer", "name", "ee");
    started(machine, "ip", "link", "set", "dd", "up");
    started(machine, "ip", "addr", "add", "192.168.122.7/24", "dev", "dd");
    expect(said(machine, "net-start", "default")).toBe(
      "\nerror: Failed to start network default\nerror: internal error: Network is already in use by interface dd\n= 1",
    );
    started(machine, "ip", "addr", "flush", "dev", "dd");
    started(machine, "ip", "addr", "add", "192.168.122.7/25", "dev", "dd");
    expect(said(machine, "net-start", "default")).toBe("Network default started\n\n= 0");
  });

  test("a bridge of that name is somebody else's, and stays", () => {
    const machine = withDefault();
    started(machine, "brctl", "addbr", "virbr0");
    expect(said(machine, "net-start", "default")).toBe(
      "\nerror: Failed to start network default\nerror: error creating bridge interface virbr0: File exists\n= 1",
    );
    expect(started(machine, "brctl", "show").out).toContain("virbr0");
  });

  test("chains that an admin removed are not made again, and the bridge goes away with the attempt", () => {
    const machine = withDefault();
    virsh(machine, "net-start", "default");
    for (const table of ["filter", "nat", "mangle"]) {
      started(machine, "iptables", "-t", table, "-F");
      started(machine, "iptables", "-t", table, "-X");
    }
    virsh(machine, "net-destroy", "default");
    expect(said(machine, "net-start", "default")).toBe(
      "\nerror: Failed to start network default\nerror: internal error: Failed to apply firewall rules /usr/sbin/iptables -w --table filter --insert LIBVIRT_INP --in-interface virbr0 --protocol tcp --destination-port 67 --jump ACCEPT: iptables: No chain/target/match by that name.\n\n= 1",
    );
    expect(started(machine, "brctl", "show").out).toBe("");
    expect(said(machine, "net-list", "--all")).toContain("inactive");
  });

  test("a host without libvirtd", () => {
    expect(said(newMachine(), "net-list")).toBe(
      "\nerror: failed to connect to the hypervisor\nerror: Failed to connect socket to '/var/run/libvirt/libvirt-sock': No such file or directory\n= 1",
    );
  });
});

test("an admin's rules come after libvirt's, and a network that starts later comes first", () => {
  const machine = withDefault();
  started(machine, "iptables", "-A", "FORWARD", "-j", "DROP");
  virsh(machine, "net-start", "default");
  machine.files.write("/tmp/iso.xml", ISOLATED);
  virsh(machine, "net-create", "/tmp/iso.xml");
  const rules = (chain: string): string[] => started(machine, "iptables", "-S", chain).out.trim().split("\n").slice(1);
  expect(rules("FORWARD").at(-1)).toBe("-A FORWARD -j DROP");
  expect(rules("LIBVIRT_FWX")).toEqual([
    "-A LIBVIRT_FWX -i virbr9 -o virbr9 -j ACCEPT",
    "-A LIBVIRT_FWX -i virbr0 -o virbr0 -j ACCEPT",
  ]);
});

test("help", () => {
  const machine = libvirtHost();
  expect(said(machine, "help", "net-start")).toBe(
    "  NAME\n    net-start - start a (previously defined) inactive network\n\n  SYNOPSIS\n    net-start <network>\n\n  DESCRIPTION\n    Start a network.\n\n  OPTIONS\n    [--network] <string>  network name or uuid\n\n\n= 0",
  );
  expect(said(machine, "net-autostart", "--help")).toContain("    --disable        disable autostarting\n");
  expect(said(machine, "--version")).toBe("9.0.0\n= 0");
  expect(said(machine, "-q", "net-list", "--all")).toBe("= 0");
});
