/**
 * The five places where netfilter may look at a packet: include/uapi/linux/netfilter.h NF_INET_*.
 *
 *   receive -> PREROUTING -> (route) -> INPUT -> local
 *                               \-> FORWARD -> POSTROUTING -> transmit
 *                     local -> OUTPUT -> (route) ----^
 */
export const Hook = { PREROUTING: 0, INPUT: 1, FORWARD: 2, OUTPUT: 3, POSTROUTING: 4 } as const;
export type HookNumber = (typeof Hook)[keyof typeof Hook];

/** As the built-in chains are called, by number. */
export const hookNames = ["PREROUTING", "INPUT", "FORWARD", "OUTPUT", "POSTROUTING"] as const;
