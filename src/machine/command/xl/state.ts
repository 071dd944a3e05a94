/** What of a domain's state several subcommands look at. */
import type { Domain } from "../../../xen/hypervisor.ts";
import type { XenHost } from "../../xen-host.ts";

/**
 * XEN_DOMINF_blocked: every virtual CPU waits for an event. While xl runs on domain 0 a guest's work of microseconds is
 * hardly ever seen; before its first unpause a guest has not even come to wait.
 */
export const isRunningIdle = (xen: XenHost, domain: Domain): boolean => xen.guests.get(domain.id)?.started === true;
