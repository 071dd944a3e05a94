/** A vif that netback has switched off after a request that no honest driver makes. */
import type { Diagnoser } from "./finding.ts";

export const disabledVif: Diagnoser = {
  name: "disabled-vif",
  find: ({ now, kernel }) =>
    now.hosts.flatMap((host) => {
      const lines = kernel.get(host.name) ?? [];
      const vifs = new Set(lines.flatMap((line) => /(\S+): fatal error; disabling device/.exec(line)?.[1] ?? []));
      return [...vifs].map((vif) => ({
        what: `${host.name}: netback has switched ${vif} off.`,
        evidence: lines.filter((line) => line.includes(`${vif}: `)).slice(-3),
        cause: "The guest's driver, broken or hostile, has put a request on its ring that makes no sense.",
        look: ["dmesg | grep 'disabling device'", `ip link show ${vif}`],
        cure: ["Mend the guest's driver; then detach and attach the vif: a disabled one stays so."],
      }));
    }),
};
