/**
 * tcpdump(8) 4.99.3. What it does stands in program/tcpdump/.
 * Not modelled: names (it prints numbers, as with -nn), relative TCP sequence numbers (it prints absolute ones, as with
 * -S), streams of bytes (-w -), captures of "any" in files.
 */
import type { NetDevice } from "../../device/device.ts";
import type { Command } from "../command.ts";
import { Errno } from "../errno.ts";
import type { Process, Program } from "../process.ts";
import { Tcpdump } from "../program/tcpdump/live.ts";
import { readFile } from "../program/tcpdump/read.ts";
import { Refused, readSettings } from "../program/tcpdump/settings.ts";

export const tcpdump: Command = {
  name: "tcpdump",
  summary: "Dump traffic on a network.",
  usage: "tcpdump [ options ] [ expression ]",
  options: [
    { flag: "-i interface", text: "listen on this interface, or on any" },
    { flag: "-c count", text: "exit after receiving count packets" },
    { flag: "-e", text: "print the link-level header" },
    { flag: "-l", text: "make stdout line buffered" },
    { flag: "-n", text: "don't convert addresses to names" },
    { flag: "-p", text: "don't put the interface into promiscuous mode" },
    { flag: "-Q in|out|inout", text: "send or receive direction" },
    { flag: "-r file", text: "read packets from file" },
    { flag: "-s snaplen", text: "snarf snaplen bytes of data from each packet" },
    { flag: "-t", text: "don't print a timestamp; -tt seconds, -ttt difference, -tttt date, -ttttt since the first" },
    { flag: "-U", text: "write each packet to the file at once" },
    { flag: "-v", text: "verbose output" },
    { flag: "-w file", text: "write the raw packets to file" },
    { flag: "-x", text: "print the data of each packet in hex" },
    { flag: "-X", text: "print the data of each packet in hex and ASCII" },
    { flag: "-#", text: "print a packet number" },
  ],
  words: ["host", "net", "port", "ether", "arp", "icmp", "ip", "udp", "tcp", "vlan", "src", "dst", "and", "or", "not"],
  operands: ["text"],
  start(process) {
    try {
      return start(process);
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      if (error.message !== "") process.error(`${process.name}: ${error.message}\n`);
      return error.code;
    }
  },
};

function start(process: Process): Program | number {
  const settings = readSettings(process);
  if (settings.read !== null) return readFile(process, settings, settings.read);
  const device = settings.device === "any" ? null : findDevice(process, settings.device);
  const { write } = settings;
  const file = write === null ? null : process.machine.files.open(write, "truncate", process.cwd);
  if (file instanceof Errno) throw new Refused(`${write}: ${file.text}`);
  return new Tcpdump(settings, device, file);
}

function findDevice(process: Process, name: string | null): NetDevice {
  const { devices } = process.machine.table;
  const isUsual = (each: NetDevice): boolean => each.running && each.traits.link !== "loopback";
  const device = devices.find((each) => (name === null ? isUsual(each) : each.name === name)) ?? null;
  const found = device ?? (name === null ? (devices[0] ?? null) : null);
  if (found === null) throw new Refused(`${name}: No such device exists\n(No such device exists)`);
  if (!found.up) throw new Refused(`${found.name}: That device is not up`);
  return found;
}
