/**
 * The kinds of network device that a machine can hold, by the word that a topology or a tool uses for them. A new kind
 * is one file and one line here.
 */
import { Bridge } from "./bridge.ts";
import { Loopback } from "./loopback.ts";
import { Netloop } from "./netloop.ts";
import { Nic } from "./nic.ts";
import { Veth } from "./veth.ts";

export const deviceKinds = [
  { name: "bridge", device: Bridge },
  { name: "loopback", device: Loopback },
  { name: "netloop", device: Netloop },
  { name: "nic", device: Nic },
  { name: "veth", device: Veth },
] as const;
