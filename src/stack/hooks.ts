/**
 * The five places where netfilter may look at a packet: include/uapi/linux/netfilter.h NF_INET_*.
 *
 *   receive -> PREROUTING -> (route) -> INPUT -> local
 *                               \-> FORWARD -> POSTROUTING -> transmit
 *                     local -> OUTPUT -> (route) ----^
 */
import type { NetDevice } from "../device/device.ts";
import type { Frame } from "../packet/frame.ts";

export const Hook = { PREROUTING: 0, INPUT: 1, FORWARD: 2, OUTPUT: 3, POSTROUTING: 4 } as const;
export type HookNumber = (typeof Hook)[keyof typeof Hook];

/** What a firewall must be to stand in a namespace. */
export interface PacketFilter {
  /** True: the packet goes on, perhaps changed. False: the filter took the frame and has ended it or will. */
  pass(hook: HookNumber, frame: Frame, input: NetDevice | null, output: NetDevice | null): boolean;
}
