/** xm pause, xm unpause: domain_pause and domain_unpause of XendDomain.py. */
import type { Subcommand, XmCall } from "./subcommand.ts";

export const pause: Subcommand = {
  name: "pause",
  usage: "<Domain>",
  summary: "Pause execution of a domain.",
  arguments: () => [1, 1],
  run: (call) => change(call, "pause"),
};

export const unpause: Subcommand = {
  name: "unpause",
  usage: "<Domain>",
  summary: "Unpause a paused domain.",
  arguments: () => [1, 1],
  run: (call) => change(call, "unpause"),
};

function change(call: XmCall, what: "pause" | "unpause"): number {
  const word = call.args[0]!;
  const domain = call.domain(word);
  if (domain === null) return call.noDomain(word);
  if (domain === call.xen.dom0) return call.fault(`Cannot ${what} privileged domain ${word}`);
  call.xen[what](domain);
  call.xend.context.log("INFO", "XendDomain", `Domain ${domain.name} (${domain.id}) ${what}d.`);
  return 0;
}
