/** conntrack(8) on a router that masquerades, emulated and with the real kernel and the real conntrack. */
import { spawnSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { judges } from "../../kit/fidelity.ts";
import { canMakeNamespaces, type NetNamespace } from "../../kit/netns.ts";
import { requireTool } from "../../kit/tools.ts";
import { typed } from "../on-machine.ts";
import { type Chain, emulatedChain, realChain } from "./chain-lab.ts";

judges("conntrack tool");

const isDebian12 = (): boolean =>
  spawnSync("conntrack", ["--version"], { encoding: "utf8" }).stdout.trim() === "conntrack v1.4.7 (conntrack-tools)";
const canCompare =
  ["conntrack", "iptables", "ping", "nc"].every((tool) => requireTool(tool)) && isDebian12() && canMakeNamespaces();

interface Said {
  readonly out: string;
  readonly err: string;
  readonly code: number | null;
}

/** Chance, and how long ago it was: ports, identifiers, seconds. Lists are in no order. */
function comparable(text: string): string {
  const plain = text
    .replace(/\b(icmp {5}1|udp {6}17|tcp {6}6) \d+ /g, "$1 T ")
    .replace(/\b(sport|dport)=(?!7000\b|8080\b)\d+/g, "$1=P")
    .replace(/\bid=\d+/g, "id=N")
    .replace(/^\[\d{10}\.\d{6}\]/gm, "[TIME]")
    .replace(/^cpu=[1-9].*\n/gm, "");
  return plain.split("\n").sort().join("\n");
}

class Both {
  readonly real: Chain<NetNamespace> = realChain();
  private readonly own = emulatedChain();

  say(host: "here" | "router" | "there", line: string): void {
    typed(this.own[host], line);
    this.real[host].run(line);
  }

  compare(host: "here" | "router", line: string): void {
    const ours: Said = typed(this.own[host], line);
    const said: Said = this.real[host].run(line.replaceAll("/tmp/events", `/tmp/events-${this.real[host].name}`));
    expect
      .soft({ line, out: comparable(ours.out), err: ours.err, code: ours.code })
      .toEqual({ line, out: comparable(said.out), err: said.err, code: said.code });
  }

  close(): void {
    for (const host of Object.values(this.real)) {
      spawnSync("rm", ["-f", `/tmp/events-${host.name}`]);
      host.remove();
    }
  }
}

const MASQUERADE = "iptables -t nat -A POSTROUTING -o b1 -j MASQUERADE";

function withBoth(tell: (both: Both) => void): void {
  const both = new Both();
  try {
    tell(both);
  } finally {
    both.close();
  }
}

const LISTS = [
  "conntrack -L",
  "conntrack -L conntrack -o extended",
  "conntrack -L -o id,extended",
  "conntrack -L -p icmp",
  "conntrack -L -p 17",
  "conntrack -L -p udp --dport 7000",
  "conntrack -L -p udp --sport 7000",
  "conntrack -L -p udp --reply-port-src 7000",
  "conntrack -L -p icmp --icmp-type 8 --icmp-code 0",
  "conntrack -L -p icmp --icmp-type 0",
  "conntrack -L -p tcp --state ESTABLISHED",
  ...["-s 10.0.0.1", "-s 10.1.0.2", "-d 10.1.0.0/24", "-r 10.1.0.2", "-q 10.1.0.1", "-q 10.0.0.1"].map(
    (test) => `conntrack -L ${test}`,
  ),
  ...["-n", "--src-nat", "-n 10.1.0.1", "-n 10.9.9.9", "-g", "-j", "-j 10.1.0.1"].map((test) => `conntrack -L ${test}`),
  ...["-m 0", "-m 5", "-m 5/1", "-u ASSURED", "-u UNREPLIED", "-u SEEN_REPLY", "-u UNSET"].map(
    (test) => `conntrack -L ${test}`,
  ),
  "conntrack -L -f ipv4",
  "conntrack -L -f ipv6",
  "conntrack -L -z",
  "conntrack -L expect",
  "conntrack -L dying",
  "conntrack -C",
  "conntrack -C expect",
  "cat /proc/net/nf_conntrack",
  "sysctl net.netfilter.nf_conntrack_count",
];

const WRONG = [
  "conntrack",
  "conntrack -V",
  "conntrack --version",
  "conntrack -h",
  "conntrack -L -p foo",
  "conntrack -L -p icmp --sport 5",
  "conntrack -L --dport 5",
  "conntrack -L -s foo",
  "conntrack -L -f foo",
  "conntrack -L -u FOO",
  "conntrack -L -u ASSURED,FOO",
  "conntrack -L -o foo",
  "conntrack -L foo",
  "conntrack -L extra words",
  "conntrack -L -D",
  "conntrack -Q",
  "conntrack -L --foo",
  "conntrack -C -p tcp",
  "conntrack -S -p tcp",
  "conntrack -F -s 1.1.1.1",
  "conntrack -E -z",
  "conntrack -L -e NEW",
  "conntrack -L -p tcp --state FOO",
  "conntrack -L -p udp --dport x",
];

describe.skipIf(!canCompare)("conntrack beside the real one", () => {
  it("lists what goes through a masquerading router, by any test", () => {
    withBoth((both) => {
      both.say("router", MASQUERADE);
      both.say("here", "ping -c 1 10.1.0.2");
      both.say("here", "echo x | nc -u -w 1 10.1.0.2 7000");
      for (const line of LISTS) both.compare("router", line);
    });
  }, 120_000);

  it("says what is wrong with a command line", () => {
    withBoth((both) => {
      both.say("router", MASQUERADE);
      for (const line of WRONG) both.compare("router", line);
    });
  }, 120_000);

  it("counts when it is told to", () => {
    withBoth((both) => {
      both.say("router", MASQUERADE);
      both.say("router", "sysctl -qw net.netfilter.nf_conntrack_acct=1");
      both.say("here", "ping -c 2 -i 0.2 10.1.0.2");
      both.compare("router", "conntrack -L -z");
      both.compare("router", "conntrack -L");
      both.compare("router", "cat /proc/net/nf_conntrack");
    });
  }, 60_000);

  it("deletes what it is asked to, and says so", () => {
    withBoth((both) => {
      both.say("router", MASQUERADE);
      both.say("here", "ping -c 1 10.1.0.2");
      both.say("here", "echo x | nc -u -w 1 10.1.0.2 7000");
      both.compare("router", "conntrack -D -p tcp");
      both.compare("router", "conntrack -D -p icmp -s 10.0.0.1");
      both.compare("router", "conntrack -C");
      both.compare("router", "conntrack -F");
      both.compare("router", "conntrack -L");
      both.compare("router", "conntrack -D");
    });
  }, 60_000);

  it("tells what happens while it happens", () => {
    withBoth((both) => {
      both.say("router", MASQUERADE);
      const during = "sleep 0.3; ping -c 1 10.1.0.2 > /dev/null; sleep 2; cat /tmp/events";
      for (const options of ["", "-o extended,timestamp,id", "-e NEW", "-p udp", "-e UPDATES -p icmp"])
        both.compare("router", `sh -c "timeout -s INT 1.5 conntrack -E ${options} > /tmp/events 2>&1 & ${during}"`);
    });
  }, 60_000);
});
