/** xm destroy: domain_destroy of XendDomain.py. xend answers before the devices are gone. */
import type { Subcommand } from "./subcommand.ts";

export const destroy: Subcommand = {
  name: "destroy",
  usage: "<Domain>",
  summary: "Terminate a domain immediately.",
  arguments: () => [1, 1],
  run: (call) => {
    const word = call.args[0]!;
    const domain = call.domain(word);
    if (domain === call.xen.dom0) return call.fault(`Cannot destroy privileged domain ${word}`);
    // Of a number xend asks the hypervisor itself.
    if (domain === null) return /^\d+$/.test(word) ? call.fault("(3, 'No such process')") : call.noDomain(word);
    const { domains } = call.xend;
    domains.destroy(domains.of(domain));
    return 0;
  },
};
