/** xl pause, xl unpause: xl_vmcontrol.c and libxl_domain.c, Xen 4.17. xl itself overlooks libxl's failure. */
import type { Subcommand, XlCall } from "./subcommand.ts";

export const pause: Subcommand = {
  name: "pause",
  summary: "Pause execution of a domain",
  usage: "<Domain>",
  required: 1,
  modifies: true,
  run: (call) => change(call, "pause"),
};

export const unpause: Subcommand = {
  name: "unpause",
  summary: "Unpause a paused domain",
  usage: "<Domain>",
  required: 1,
  modifies: true,
  run: (call) => change(call, "unpause"),
};

const WHERE = {
  pause: ["libxl_domain.c:587:libxl_domain_pause", "Pausing domain: No such process"],
  unpause: ["libxl_domain.c:688:libxl__domain_unpause", "Unpausing domain: No such process"],
} as const;

function change(call: XlCall, what: "pause" | "unpause"): number {
  const domid = call.domid(call.operands[0]!);
  if (domid === null) return 1;
  const domain = call.domain(domid);
  // A domain cannot pause the one it runs in: the hypervisor refuses.
  if (domain === call.xen.dom0) return call.notModelled(`${what} of domain 0`);
  const [where, sentence] = WHERE[what];
  if (domain === null) call.process.error(`libxl: error: ${where}: Domain ${domid}:${sentence}\n`);
  else call.xen[what](domain);
  return 0;
}
