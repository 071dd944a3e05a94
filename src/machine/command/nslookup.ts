/**
 * nslookup(1) of BIND 9.18, for one question on its command line. What it says stands in program/nslookup.ts.
 * Not modelled: its prompt, options other than -type and -port.
 */
import { parseIpv4 } from "../../packet/address.ts";
import * as dns from "../../packet/dns.ts";
import type { Command } from "../command.ts";
import { resolverFile } from "../program/dns-exchange.ts";
import { candidates } from "../program/name-first.ts";
import { Nslookup } from "../program/nslookup.ts";
import { addressOf } from "../program/resolve.ts";

export const nslookup: Command = {
  name: "nslookup",
  summary: "Query Internet name servers.",
  usage: "nslookup [-type=TYPE] [-port=PORT] name [server]",
  options: [
    { flag: "-type=TYPE", text: "kind of record" },
    { flag: "-port=PORT", text: "port of the server" },
  ],
  operands: ["text"],
  start(process) {
    const words = process.argv.slice(1);
    const [word, server] = words.filter((each) => !each.startsWith("-"));
    const options = readOptions(words.filter((each) => each.startsWith("-")));
    if (typeof options === "string") return process.fail(options);
    const { type, port } = options;
    if (word === undefined) return process.fail("its prompt is not modelled: give a name");
    const file = resolverFile(process.machine);
    const address = server === undefined ? null : (parseIpv4(server) ?? addressOf(process.machine, server)?.address);
    if (address === undefined) return process.fail(`couldn't get address for '${server}': not found`);
    const reverse = parseIpv4(word);
    const usual = reverse === null ? [dns.Type.A, dns.Type.AAAA] : [dns.Type.PTR];
    return new Nslookup({
      servers: address === null ? file.servers.map((each) => ({ ...each, port })) : [{ address, port }],
      serverWord: server ?? null,
      names: reverse === null ? candidates(word, file.search, file.ndots) : [dns.reverseName(reverse)],
      types: type === null ? usual : [type],
    });
  },
};

/** Or what is wrong with one of them. */
function readOptions(options: readonly string[]): { type: number | null; port: number } | string {
  let type: number | null = null;
  let port = dns.PORT;
  for (const option of options) {
    const [, name = "", value = ""] = /^-(\w+)=(.*)$/.exec(option) ?? [];
    if (["type", "querytype", "query", "q", "ty"].includes(name)) {
      type = dns.typeOfName(value);
      if (type === null) return `unknown query type: ${value}`;
    } else if (["port", "po"].includes(name) && /^\d+$/.test(value)) port = Number(value);
    else return `option ${option} is not modelled`;
  }
  return { type, port };
}
