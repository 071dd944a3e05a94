/** nc(1), OpenBSD's: UDP only for now. What it does stands in program/netcat.ts. */
import { parseIpv4 } from "../../packet/address.ts";
import type { Command } from "../command.ts";
import { type Options, readOptions } from "../options.ts";
import type { Process, Program } from "../process.ts";
import { Netcat } from "../program/netcat.ts";
import { addressOf, failureOf } from "../program/resolve.ts";

export const nc: Command = {
  name: "nc",
  summary: "Send lines as UDP datagrams and print what comes.",
  usage: "nc -u [-b] [-w seconds] [-q seconds] [-p port] host port | nc -u -l [-p] port",
  options: [
    { flag: "-u", text: "UDP mode; TCP is not modelled yet" },
    { flag: "-b", text: "allow broadcast" },
    { flag: "-l", text: "listen" },
    { flag: "-n", text: "no name resolution" },
    { flag: "-p <port>", text: "local port" },
    { flag: "-q <seconds>", text: "quit this long after the end of input" },
    { flag: "-w <seconds>", text: "quit after this long without traffic" },
  ],
  operands: ["machine", "text"],
  start(process) {
    const options = readOptions(process, nc);
    if (typeof options === "number") return options;
    if (!options.has("u")) return process.fail("TCP is not modelled yet; use -u");
    return options.has("l") ? listen(process, options) : talk(process, options);
  },
};

function listen(process: Process, options: Options): Program | number {
  const word = options.value("p") ?? options.operands.at(-1) ?? "";
  const port = parsePort(word);
  if (port === null) return process.fail(`port number invalid: ${word}`);
  return new Netcat({ ...common(options), peer: null, localPort: port });
}

function talk(process: Process, options: Options): Program | number {
  const [host, portWord, more] = options.operands;
  if (host === undefined || portWord === undefined || more !== undefined) {
    process.error(`usage: ${nc.usage}\n`);
    return 1;
  }
  const port = parsePort(portWord);
  if (port === null) return process.fail(`port number invalid: ${portWord}`);
  const address = parseIpv4(host) ?? addressOf(process.machine, host)?.address ?? null;
  if (address === null)
    return process.fail(`getaddrinfo for host "${host}" port ${portWord}: ${failureOf(process.machine, host)}`);
  const localPort = parsePort(options.value("p") ?? "0");
  return new Netcat({ ...common(options), peer: { address, port }, localPort: localPort ?? 0 });
}

function common(options: Options) {
  const number = (key: string): number | null => (options.value(key) === null ? null : Number(options.value(key)));
  return { broadcast: options.has("b"), idle: number("w"), linger: number("q") };
}

function parsePort(word: string): number | null {
  const port = Number(word);
  return /^\d+$/.test(word) && port <= 65_535 ? port : null;
}
