/** A guest that does not take its frames: paused, stuck, or slower than what is sent to it. */
import type { GuestSnapshot } from "../view/guest-snapshot.ts";
import type { HostSnapshot } from "../view/host-snapshot.ts";
import type { VifSnapshot } from "../view/vif-snapshot.ts";
import { count, type Diagnoser, type Evidence, lost } from "./finding.ts";
import { on } from "./suspect.ts";

/** How the border and the queue before it lose frames for a guest. */
const LOSSES = ["qdisc-full", "netback-queue-full", "netback-expired", "netback-no-slots", "no-carrier"] as const;

export const slowGuest: Diagnoser = {
  name: "guest-takes-no-frames",
  find: (evidence) =>
    evidence.now.hosts.flatMap((host) =>
      host.guests.flatMap((guest) => guest.vifs.flatMap((vif) => findingOf(evidence, host, guest, vif))),
    ),
};

function findingOf(evidence: Evidence, host: HostSnapshot, guest: GuestSnapshot, vif: VifSnapshot) {
  const losses = LOSSES.map((fate) => [fate, lost(evidence, fate, `${host.name}:${vif.name}`)] as const).filter(
    ([fate, frames]) => frames > 0 && (fate !== "no-carrier" || guest.state === "paused"),
  );
  if (vif.name === null || losses.length === 0) return [];
  const held =
    vif.fifo === null || vif.fifo.frames === 0
      ? []
      : [`netback holds ${count(vif.fifo.frames)}, ${vif.fifo.bytes} of ${vif.fifo.limit} bytes`];
  const paused = guest.state === "paused";
  return [
    {
      what: paused
        ? `${host.name}: ${guest.name} does not take the frames that are sent to it: it is paused.`
        : `${host.name}: ${guest.name} has not taken all the frames that were sent to it.`,
      evidence: [
        `${guest.name} is ${guest.state}`,
        ...losses.map(([fate, frames]) => `${count(frames)} at ${vif.name}: ${fate}`),
        ...held,
        ...(vif.fifo?.stalled === true ? [`${vif.name} has no carrier: the guest has taken nothing for a minute`] : []),
      ],
      cause: paused
        ? "xl pause stops the guest's CPUs, not its network: its ring fills, then netback's queue, then the vif's own; then frames are dropped."
        : "The guest was paused for a while, cannot keep up, or its driver is stuck.",
      trial: paused ? on(host.name, `xl unpause ${guest.name}`) : [],
      look: ["xl list", `ip -s link show ${vif.name}`, `cat /sys/kernel/debug/xen-netback/${vif.name}/io_ring_q0`],
      cure: [paused ? `xl unpause ${guest.name}` : "Slow the sender, or give the guest more CPU."],
    },
  ];
}
