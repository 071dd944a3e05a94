/** nstat beside the real one: the same lines in a namespace and here, with the same pings in between. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { judges } from "../../kit/fidelity.ts";
import { canMakeNamespaces, NetNamespace } from "../../kit/netns.ts";
import { requireTool } from "../../kit/tools.ts";
import { typed } from "../on-machine.ts";
import { withLoopback } from "./twin.ts";

judges("dig");

const canCompare = requireTool("nstat") && requireTool("ping") && canMakeNamespaces();

const PING = "ping -c 1 127.0.0.1 > /dev/null";
const LINES = [
  "nstat",
  PING,
  "nstat -s",
  "nstat -s",
  "nstat Ip*",
  "nstat",
  "nstat",
  PING,
  "nstat IpInR* IcmpOutE*",
  "nstat -j",
  PING,
  "nstat -a",
  "nstat",
  "nstat -az Icmp*",
  "nstat -az Udp* IpForw* TcpM* TcpRetr*",
  "nstat -ajp IpIn*",
  "nstat -aj nothing",
  PING,
  "nstat -n",
  "nstat",
  "nstat -rn",
  PING,
  "nstat -r IpInReceives",
  "nstat --zeros --ignore IpExtIn?castPkts",
  "nstat -V",
  "nstat -h",
  "nstat -x",
  "nstat --foo",
];

/** Since 6.1 the kernel counts some things more. */
const LATER =
  /^ *"?(IpOutTransmits|\w+6[A-Z]|Ip6|IcmpOutRateLimit|TcpExt(BeyondWindow|TSEcr|PAWSOldAck|PAWSTime|TCPPLB|TCPAO)|MPTcp).*\n/gm;
const comparable = (text: string): string => text.replace(LATER, "").replace(/"IpOutTransmits":\d+,?/g, "");

describe.skipIf(!canCompare)("nstat", () => {
  test("says the same", () => {
    const real = new NetNamespace();
    const folder = mkdtempSync(join(tmpdir(), "nstat-"));
    const machine = withLoopback();
    typed(machine, "ip link set lo up");
    try {
      real.prepare("sysctl -qw net.ipv6.conf.all.disable_ipv6=1", "ip link set lo up");
      const said = real.runAll(LINES.map((line) => `export NSTAT_HISTORY=${folder}/history; ${line}`));
      for (const [i, line] of LINES.entries()) {
        const { out, err, code } = typed(machine, line);
        const theirs = said[i]!;
        expect
          .soft({ i, line, out, err, code })
          .toEqual({ i, line, out: comparable(theirs.out), err: theirs.err, code: theirs.code });
      }
    } finally {
      real.remove();
      rmSync(folder, { recursive: true });
    }
  });
});

test("the history is a file, and its place can be named", () => {
  const machine = withLoopback();
  typed(machine, "ip link set lo up; ping -c 1 127.0.0.1; nstat");
  expect(typed(machine, "head -n 2 /tmp/.nstat.u0").out).toBe(
    `#kernel\nIpInReceives${" ".repeat(20)}2${" ".repeat(18)}0.0\n`,
  );
  expect(typed(machine, "export NSTAT_HISTORY=/tmp/other; nstat IpInReceives; ls /tmp/other").out).toContain(
    "/tmp/other",
  );
});

test("/proc/net/snmp has names and values under each other", () => {
  const machine = withLoopback();
  typed(machine, "ip link set lo up; ping -c 2 -i 0.2 127.0.0.1");
  const lines = typed(machine, "cat /proc/net/snmp").out.split("\n");
  expect(lines[1]).toBe("Ip: 2 64 4 0 0 0 0 0 4 4 0 0 0 0 0 0 0 0 0");
  expect(lines).toContain("IcmpMsg: InType0 InType8 OutType0 OutType8");
  expect(lines).toContain("IcmpMsg: 2 2 2 2");
});
