/** -j REJECT: libipt_REJECT of iptables 1.8.9. */
import type { Target } from "../../../../stack/netfilter/rule.ts";
import { Draft, option } from "../extension.ts";
import { wrong } from "../problem.ts";
import { targetFamily } from "./family.ts";

interface RejectType {
  readonly name: string;
  readonly alias: string;
  /** Of ICMP destination unreachable; -1 is a TCP reset. */
  readonly code: number;
}

const TYPES: readonly RejectType[] = [
  { name: "icmp-net-unreachable", alias: "net-unreach", code: 0 },
  { name: "icmp-host-unreachable", alias: "host-unreach", code: 1 },
  { name: "icmp-proto-unreachable", alias: "proto-unreach", code: 2 },
  { name: "icmp-port-unreachable", alias: "port-unreach", code: 3 },
  { name: "icmp-net-prohibited", alias: "net-prohib", code: 9 },
  { name: "icmp-host-prohibited", alias: "host-prohib", code: 10 },
  { name: "tcp-reset", alias: "tcp-rst", code: -1 },
  { name: "icmp-admin-prohibited", alias: "admin-prohib", code: 13 },
];
const nameOf = (code: number): string => TYPES.find((each) => each.code === code)!.name;

class RejectDraft extends Draft<Target> {
  readonly name = "REJECT";
  readonly options = [option("reject-with")];
  private code = 3;

  protected accept(_key: string, value: string): void {
    const wanted = value.toLowerCase();
    const found = TYPES.find(({ name, alias }) => name.startsWith(wanted) || alias.startsWith(wanted));
    if (found === undefined) throw wrong(`unknown reject type "${value}"`);
    this.code = found.code;
  }

  protected result(): Target {
    return { kind: "reject", code: this.code };
  }
}

export const reject = targetFamily({
  kinds: ["reject"],
  draft: (name) => (name === "REJECT" ? new RejectDraft() : null),
  save: ({ code }) => ` --reject-with ${nameOf(code)}`,
  list: ({ code }) => ` reject-with ${nameOf(code)}`,
});
