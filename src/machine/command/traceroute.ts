/** traceroute(8), Dmitry Butskoy's 2.1.2 as Debian has it, for IPv4. What it does stands in program/traceroute/. */
import type { Command } from "../command.ts";
import { helpText } from "../options.ts";
import { Quit } from "../program/quit.ts";
import { readSettings } from "../program/traceroute/settings.ts";
import { Traceroute } from "../program/traceroute/traceroute.ts";

const VERSION = `Modern traceroute for Linux, version 2.1.2
Copyright (c) 2016  Dmitry Butskoy,   License: GPL v2 or any later
`;

export const traceroute: Command = {
  name: "traceroute",
  summary: "Print the route packets trace to network host.",
  usage: "traceroute [options] host [packetlen]",
  options: [
    { flag: "-f first_ttl, --first=first_ttl", text: "start from this hop" },
    { flag: "-F, --dont-fragment", text: "do not fragment packets" },
    { flag: "-I, --icmp", text: "use ICMP echo" },
    { flag: "-i device, --interface=device", text: "network interface to send by" },
    { flag: "-m max_ttl, --max-hops=max_ttl", text: "most hops to probe (30)" },
    { flag: "-N squeries, --sim-queries=squeries", text: "probes under way at once (16)" },
    { flag: "-n", text: "do not resolve addresses to names" },
    { flag: "-p port, --port=port", text: "first UDP port (33434) or first ICMP sequence number (1)" },
    { flag: "-q nqueries, --queries=nqueries", text: "probes per hop (3)" },
    { flag: "-s src_addr, --source=src_addr", text: "source address" },
    { flag: "-t tos, --tos=tos", text: "type of service" },
    { flag: "-U, --udp", text: "UDP to one port (53)" },
    { flag: "-w MAX,HERE,NEAR, --wait=MAX,HERE,NEAR", text: "seconds, and factors of near answers, to wait (5,3,10)" },
    { flag: "-z sendwait, --sendwait=sendwait", text: "seconds, from 10 on milliseconds, between probes" },
  ],
  operands: ["machine", "text"],
  start(process) {
    try {
      const settings = readSettings(process);
      if (settings === "help" || settings === "version") {
        if (settings === "help") process.print(helpText(traceroute));
        else process.error(VERSION);
        return 0;
      }
      return new Traceroute(settings);
    } catch (error) {
      if (!(error instanceof Quit)) throw error;
      process.error(`${error.message}\n`);
      return error.code;
    }
  },
};
