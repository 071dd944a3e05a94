/**
 * The exchange that libvirt's dnsmasq had with a udhcpc (test/fixtures/libvirt-9.0/dhcp.pcap), played again: the frames of
 * the client go in, those of the host must be the same, byte for byte. Not compared: the identification of IP and of the
 * ping, which Linux chooses by chance, the checksums above them, and time within 60 ms.
 */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { get16, put16, toHex } from "../../../../src/base/bytes.ts";
import { describe } from "../../../../src/packet/describe.ts";
import { judges } from "../../../kit/fidelity.ts";
import { CapturedFile } from "./captured-file.ts";
import { OnBridge } from "./on-bridge.ts";

judges("libvirt dhcp");

const FIXTURE = "test/fixtures/libvirt-9.0";
const HOST = 0x525400c96f97;

/** Sets to nought what chance decides. */
function normalised(bytes: Uint8Array): string {
  const b = bytes.slice();
  if (get16(b, 12) === 0x0800) {
    put16(b, 14 + 4, 0);
    put16(b, 14 + 10, 0);
    if (b[14 + 9] === 1) {
      put16(b, 34 + 2, 0);
      put16(b, 34 + 4, 0);
    }
    // libvirt's CHECKSUM rule completes the sums of DHCP; that of a DNS answer was still to be filled in by the device.
    if (get16(b, 34) === 53) put16(b, 34 + 6, 0);
  }
  return `${describe(b, 0, b.length, { link: true })} ${toHex(b)}`;
}

const source = (bytes: Uint8Array): number => get16(bytes, 6) * 2 ** 32 + get16(bytes, 8) * 2 ** 16 + get16(bytes, 10);

/** Of the exchange; what follows is the client asking for names from an address that it made up. */
const EXCHANGE = 10;

test("a lease as libvirt's dnsmasq gives it, frame by frame", () => {
  const recorded = new CapturedFile(readFileSync(`${FIXTURE}/dhcp.pcap`)).frames;
  const lab = new OnBridge("virbr0", "52:54:00:c9:6f:97", "192.168.122.1/24");
  const { files } = lab.machine;
  for (const path of ["/run/libvirt/network", "/var/lib/libvirt/dnsmasq"]) files.makePath(path);
  files.write("/var/lib/libvirt/dnsmasq/default.conf", readFileSync(`${FIXTURE}/nat/dnsmasq.conf`, "utf8"));
  for (const name of ["hostsfile", "addnhosts"]) files.write(`/var/lib/libvirt/dnsmasq/default.${name}`, "");
  const started = lab.run("dnsmasq --conf-file=/var/lib/libvirt/dnsmasq/default.conf --leasefile-ro");
  expect(started).toEqual({ text: "", code: 0 });
  lab.runUntil(5);
  const sentBefore = lab.device.out.length;
  const zero = recorded[0]!.time;
  for (const { bytes, time } of recorded) {
    lab.runUntil(5 + (time - zero));
    if (source(bytes) !== HOST) lab.arrive(bytes);
  }
  lab.runUntil(5 + recorded.at(-1)!.time - zero + 0.01);
  const ours = lab.device.out.slice(sentBefore);
  const theirs = recorded.filter(({ bytes }) => source(bytes) === HOST);
  expect(ours.map(({ bytes }) => normalised(Buffer.from(bytes, "hex")))).toEqual(
    theirs.map(({ bytes }) => normalised(bytes)),
  );
  for (const [i, { time }] of theirs.slice(0, EXCHANGE).entries()) {
    expect(Math.abs(ours[i]!.time / 1e9 - 5 - (time - zero)), `frame ${i}`).toBeLessThan(0.06);
  }
  expect(lab.log.filter((line) => line.startsWith("dnsmasq-dhcp: DHCP"))).toEqual([
    "dnsmasq-dhcp: DHCP, IP range 192.168.122.2 -- 192.168.122.254, lease time 1h",
    "dnsmasq-dhcp: DHCP, sockets bound exclusively to interface virbr0",
    "dnsmasq-dhcp: DHCPDISCOVER(virbr0) 52:54:00:11:22:33 ",
    "dnsmasq-dhcp: DHCPOFFER(virbr0) 192.168.122.220 52:54:00:11:22:33 ",
    "dnsmasq-dhcp: DHCPDISCOVER(virbr0) 52:54:00:11:22:33 ",
    "dnsmasq-dhcp: DHCPOFFER(virbr0) 192.168.122.220 52:54:00:11:22:33 ",
    "dnsmasq-dhcp: DHCPREQUEST(virbr0) 192.168.122.220 52:54:00:11:22:33 ",
    "dnsmasq-dhcp: DHCPACK(virbr0) 192.168.122.220 52:54:00:11:22:33 guest1",
  ]);
});
