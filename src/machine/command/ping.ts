/** ping(8) of iputils 20221126, for IPv4. What it does stands in program/ping/. */
import type { Command } from "../command.ts";
import { Ping } from "../program/ping/ping.ts";
import { readSettings } from "../program/ping/settings.ts";
import { findTarget } from "../program/ping/target.ts";
import { untilQuit } from "../program/quit.ts";

export const ping: Command = {
  name: "ping",
  summary: "Send ICMP ECHO_REQUEST to network hosts.",
  usage: "ping [options] <destination>",
  options: [
    { flag: "-b", text: "allow pinging broadcast" },
    { flag: "-c <count>", text: "stop after <count> replies" },
    { flag: "-D", text: "print timestamps" },
    { flag: "-f", text: "flood ping" },
    { flag: "-i <interval>", text: "seconds between sending each packet" },
    { flag: "-I <interface>", text: "either interface name or address" },
    { flag: "-l <preload>", text: "send <preload> number of packages while waiting replies" },
    { flag: "-M <pmtud opt>", text: "define mtu discovery, can be one of <do|dont|want>" },
    { flag: "-n", text: "no dns name resolution" },
    { flag: "-O", text: "report outstanding replies" },
    { flag: "-p <pattern>", text: "contents of padding byte" },
    { flag: "-q", text: "quiet output" },
    { flag: "-s <size>", text: "use <size> as number of data bytes to be sent" },
    { flag: "-t <ttl>", text: "define time to live" },
    { flag: "-v", text: "verbose output" },
    { flag: "-w <deadline>", text: "reply wait <deadline> in seconds" },
    { flag: "-W <timeout>", text: "time to wait for response" },
  ],
  operands: ["machine"],
  start: (process) =>
    untilQuit(process, () => {
      const { settings, operands } = readSettings(process);
      return new Ping(settings, findTarget(process, settings, operands));
    }),
};
