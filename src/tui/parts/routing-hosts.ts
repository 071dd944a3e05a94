/** Hosts whose guests are not on one wire with the others: domain 0 carries their packets from one network to another. */
import type { HostSnapshot } from "../../lab/index.ts";

export const isRouter = ({ mode, routing }: Pick<HostSnapshot, "mode" | "routing">): boolean =>
  mode !== "bridge" || routing.ipForward;
