/** A packet at a hook, as rules see it: nf_hook_state and what br_netfilter knows. One object, used again and again. */
import type { NetDevice } from "../../device/device.ts";
import type { Frame } from "../../packet/frame.ts";
import { Hook, type HookNumber } from "../hooks.ts";

export class Packet {
  hook: HookNumber = Hook.PREROUTING;
  frame!: Frame;
  input: NetDevice | null = null;
  output: NetDevice | null = null;
  /** The ports of a bridge: nf_bridge_get_physindev and physoutdev. */
  bridgeInput: NetDevice | null = null;
  bridgeOutput: NetDevice | null = null;
}
