/** -m udp: libxt_udp of iptables 1.8.9. */
import type { Match } from "../../../../stack/netfilter/rule.ts";
import { readPortRange } from "../option-values.ts";
import { matchFamily } from "./family.ts";
import { listPorts, PORT_OPTIONS, PortDraft, savePorts } from "./ports.ts";

class UdpDraft extends PortDraft {
  readonly name = "udp";
  readonly options = PORT_OPTIONS;

  protected accept(key: string, value: string, inverted: boolean): void {
    this.takePorts(key, readPortRange(this.name, key, value), inverted);
  }

  protected result(): Match {
    return { kind: "udp", source: this.source, destination: this.destination };
  }
}

export const udp = matchFamily({
  kind: "udp",
  draft: (name) => (name === "udp" ? new UdpDraft() : null),
  save: savePorts,
  list: (match, { numeric }) => ` udp${listPorts(match, "udp", numeric)}`,
});
