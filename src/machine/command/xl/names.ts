/** xl domid, xl domname: main_domid and main_domname of xl_info.c, Xen 4.17. */
import type { Subcommand } from "./subcommand.ts";

export const domid: Subcommand = {
  name: "domid",
  summary: "Convert a domain name to domain id",
  usage: "<DomainName>",
  required: 1,
  run: (call) => {
    const name = call.operands[0]!;
    const domain = call.xen.hypervisor.byName(name);
    const sentence = `Can't get domid of domain name '${name}', maybe this domain does not exist.`;
    if (domain === null) return call.fail(sentence);
    call.process.print(`${domain.id}\n`);
    return 0;
  },
};

export const domname: Subcommand = {
  name: "domname",
  summary: "Convert a domain id to domain name",
  usage: "<DomainId>",
  required: 1,
  run: (call) => {
    // strtol: digits at the start are enough.
    const digits = /^\s*[+-]?\d+/.exec(call.operands[0]!)?.[0];
    if (digits === undefined) return call.fail("Invalid domain id.\n");
    const id = Number(digits) >>> 0;
    const domain = call.domain(id);
    const sentence = `Can't get domain name of domain id '${id}', maybe this domain does not exist.`;
    if (domain === null) return call.fail(sentence);
    call.process.print(`${domain.name}\n`);
    return 0;
  },
};
