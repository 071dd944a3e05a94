/** xm domid, xm domname: either takes a name or an id. */
import type { Domain } from "../../../xen/hypervisor.ts";
import type { Subcommand, XmCall } from "./subcommand.ts";

export const domid: Subcommand = {
  name: "domid",
  usage: "<DomainName>",
  summary: "Convert a domain name to domain id.",
  arguments: () => [1, 1],
  run: (call) => show(call, ({ id }) => String(id)),
};

export const domname: Subcommand = {
  name: "domname",
  usage: "<DomId>",
  summary: "Convert a domain id to domain name.",
  arguments: () => [1, 1],
  run: (call) => show(call, ({ name }) => name),
};

function show(call: XmCall, what: (domain: Domain) => string): number {
  const domain = call.domain(call.args[0]!);
  if (domain === null) return call.noDomain(call.args[0]!);
  call.process.print(`${what(domain)}\n`);
  return 0;
}
