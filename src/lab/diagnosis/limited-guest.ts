/** A guest whose rate= makes it wait: slow by the admin's own word. */
import type { Diagnoser } from "./finding.ts";

export const limitedGuest: Diagnoser = {
  name: "rate-limited",
  find: ({ now }) =>
    now.hosts.flatMap((host) =>
      host.guests.flatMap((guest) =>
        guest.vifs
          .filter((vif) => vif.rate !== null && (vif.waitsForCredit || (vif.transmit?.used ?? 0) > 200))
          .map((vif) => ({
            what: `${host.name}: ${guest.name} waits for its rate limit.`,
            evidence: [
              `rate is "${vif.rate}" (bytes per window, microseconds of the window)`,
              `${vif.transmit?.used ?? 0} slots of its transmit ring are in use`,
            ],
            cause:
              "Netback takes no more from the ring than the limit allows. Nothing is dropped by it: the ring fills, then the guest's own queue. Frames to the guest are not limited.",
            look: [`xenstore-read /local/domain/0/backend/vif/${guest.domid}/${vif.handle}/rate`],
            cure: [
              `Raise rate= in the configuration; for now: xenstore-write /local/domain/0/backend/vif/${guest.domid}/${vif.handle}/rate BYTES,MICROSECONDS`,
            ],
          })),
      ),
    ),
};
