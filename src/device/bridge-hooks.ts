/**
 * Who looks at the frames of a bridge, in which order: the seats of br_netfilter and ebtables. Follows
 * include/uapi/linux/netfilter_bridge.h (NF_BR_*, enum nf_br_hook_priorities).
 *
 *   a port -> enter -> (FDB) -> forward -> leave -> another port
 *                          \-> toHost -> the host
 *   the host -> (FDB) -> fromHost -> leave -> a port
 *
 * Not modelled: NF_BR_BROUTING.
 */
import type { Frame } from "../packet/frame.ts";
import type { BridgePort } from "./bridge-port.ts";

/** NF_BR_PRI_*: the lower one is asked first. */
export const BridgePriority = { FILTER_BRIDGED: -200, BRNF: 0, FILTER_OTHER: 200 } as const;

/** Each answers true: the frame goes on. False: the hook owns the frame and has ended or kept it. */
export interface BridgeHook {
  readonly priority: number;
  /** NF_BR_PRE_ROUTING */
  enter(frame: Frame, ingress: BridgePort): boolean;
  /** NF_BR_LOCAL_IN: on its way up to the bridge device. */
  toHost(frame: Frame, ingress: BridgePort): boolean;
  /** NF_BR_FORWARD */
  forward(frame: Frame, ingress: BridgePort, egress: BridgePort): boolean;
  /** NF_BR_LOCAL_OUT: sent by the host through the bridge device, once for each port it will leave by. */
  fromHost(frame: Frame, egress: BridgePort): boolean;
  /** NF_BR_POST_ROUTING. `ingress` is null for what the host sends. */
  leave(frame: Frame, ingress: BridgePort | null, egress: BridgePort): boolean;
}

export class BridgeHooks {
  /** By priority; empty as long as nobody has rules. */
  private list: readonly BridgeHook[] = [];

  add(hook: BridgeHook): void {
    if (!this.list.includes(hook)) this.list = [...this.list, hook].sort((a, b) => a.priority - b.priority);
  }

  remove(hook: BridgeHook): void {
    this.list = this.list.filter((each) => each !== hook);
  }

  enter(frame: Frame, ingress: BridgePort): boolean {
    for (let i = 0; i < this.list.length; i++) if (!this.list[i]!.enter(frame, ingress)) return false;
    return true;
  }

  toHost(frame: Frame, ingress: BridgePort): boolean {
    for (let i = 0; i < this.list.length; i++) if (!this.list[i]!.toHost(frame, ingress)) return false;
    return true;
  }

  /** From the FDB's decision to the wire. */
  passOut(frame: Frame, ingress: BridgePort | null, egress: BridgePort): boolean {
    const { list } = this;
    for (let i = 0; i < list.length; i++) {
      const hook = list[i]!;
      if (ingress === null ? !hook.fromHost(frame, egress) : !hook.forward(frame, ingress, egress)) return false;
    }
    for (let i = 0; i < list.length; i++) if (!list[i]!.leave(frame, ingress, egress)) return false;
    return true;
  }
}
