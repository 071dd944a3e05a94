/** netstat beside the real one: the same sockets, routes, interfaces and counters, the same lines. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { judges } from "../../../kit/fidelity.ts";
import { canMakeNamespaces, NetNamespace } from "../../../kit/netns.ts";
import { requireTool } from "../../../kit/tools.ts";
import { typed } from "../../on-machine.ts";
import { type Outcome, SocketLab, settled } from "../socket-lab.ts";
import { comparable, withLoopback } from "../twin.ts";

judges("net-tools");

const TOOLS = ["netstat", "route", "ss", "nc", "ping", "arping", "tcpdump", "dnsmasq"];
const canCompare = TOOLS.every(requireTool) && canMakeNamespaces();

const LINES = [
  ...["netstat -u", "netstat -un", "netstat -ua", "netstat -uan", "netstat -ul", "netstat -lun", "netstat -alun"],
  ...["netstat -uanp", "netstat -uape", "netstat -uaneo", "netstat -uanW", "netstat --numeric-hosts -ua"],
  ...["netstat --numeric-ports -ua", "netstat --numeric-users -uae", "netstat -uN", "netstat -uva", "netstat -ud"],
  ...["netstat -w", "netstat -wa", "netstat -wan", "netstat -lw", "netstat -wanp", "netstat -wanoe", "netstat -uwan"],
  ...[
    "netstat",
    "netstat -n",
    "netstat foo -n",
    "netstat -np",
    "netstat -t",
    "netstat -tn",
    "netstat -tnp",
    "netstat -U",
  ],
  ...["netstat -x", "netstat -lx", "netstat -ax", "netstat -xp", "netstat -unx", "netstat --unix", "netstat -A unix"],
  ...["netstat -4n", "netstat --inet -n", "netstat --ip -n", "netstat -A inet,unix -n", "netstat -A inet -n -p"],
  ...["netstat -6n", "netstat -S", "netstat -uS", "netstat --ipx", "netstat -A x25", "netstat -v", "netstat -nv"],
  ...["netstat -M", "netstat -Z", "netstat -A foo", "netstat -A inet,foo", "netstat -V", "netstat -z", "netstat --foo"],
  ...["netstat -A", "netstat -ri", "netstat -rr", "netstat -si", "netstat -s -A unix", "netstat -?"],
  ...["netstat -r", "netstat -rn", "netstat -re", "netstat -rne", "netstat -ree", "netstat -rnee", "netstat -rF"],
  ...[
    "netstat -rC",
    "netstat -rnCe",
    "netstat -rnCF",
    "netstat -rCee",
    "netstat -r4",
    "netstat -rv",
    "netstat -rnA inet",
  ],
  ...["netstat -i", "netstat -ia", "netstat -in", "netstat -ie", "netstat -iae", "netstat -iv"],
  ...["route", "route -n", "route -e", "route -ee", "route -ne"],
];

/** What a machine has sent and heard is no matter here: the counters have a test of their own. */
const withoutCounters = (text: string): string =>
  text
    .replace(/(RX|TX) packets \d+ {2}bytes \d+ \(.*\)/g, "$1 PACKETS")
    .replace(/^(\S+ +\d+) .* ([BLMRU]+)$/gm, "$1 COUNTERS $2")
    .replace(/(RX|TX) errors .*/g, "$1 ERRORS")
    .replace(/ \d{5,} +/g, " INODE ")
    // dnsmasq's, to the system log.
    .replace(/^unix .*\n/gm, "");
const withoutUsage = (text: string): string => text.replace(/usage:[\s\S]*/, "usage");

describe.skipIf(!canCompare)("netstat beside the real one", () => {
  let lab: SocketLab;
  beforeAll(() => {
    lab = new SocketLab([
      "ip link add v0 type veth peer name v1",
      "ip link set v0 up",
      "ip addr add 10.5.0.7/24 dev v0 label v0:1",
    ]);
  }, 60_000);
  afterAll(() => lab?.close());

  const shown = ({ out, err, code }: Outcome) => ({
    out: settled(comparable(withoutCounters(out))),
    err: withoutUsage(err),
    code,
  });

  test.each(LINES)("%s", (line) => {
    expect(shown(lab.here(line))).toEqual(shown(lab.there(line)));
  });
});

const COUNTING = [
  "ip link set lo up",
  "netstat -s",
  "ping -c 2 -i 0.2 127.0.0.1 > /dev/null",
  "netstat -s",
  "netstat -st",
  "netstat -su",
  "netstat -sw",
  "netstat -stu",
  "netstat -s4",
  "ping -c 1 -s 3000 -M want 127.0.0.1 > /dev/null; ip link set lo mtu 1000; ping -c 1 -s 3000 127.0.0.1 > /dev/null",
  "echo x | nc -u -w 1 127.0.0.1 9",
  "ping -c 1 -W 1 10.9.9.9 2>/dev/null",
  "sysctl -qw net.ipv4.ip_forward=1",
  "netstat --statistics",
];
/** What later kernels than 6.1 count too, or piece by piece; and MPTCP. */
const LATER = /^ +(OutTransmits|OutOctets|OutRateLimit\w+|BeyondWindow|TSEcr\w+): \d+\n|^MPTcpExt:\n/gm;

const comparableCounts = (text: string): string => text.replace(LATER, "");

describe.skipIf(!canCompare)("netstat -s", () => {
  test("says the same", () => {
    const real = new NetNamespace();
    const machine = withLoopback();
    try {
      real.prepare("sysctl -qw net.ipv6.conf.all.disable_ipv6=1");
      const said = real.runAll(COUNTING);
      for (const [i, line] of COUNTING.entries()) {
        const { out, err, code } = typed(machine, line);
        const theirs = said[i]!;
        const expected = { i, line, out: comparableCounts(theirs.out), err: theirs.err, code: theirs.code };
        expect.soft({ i, line, out: comparableCounts(out), err, code }).toEqual(expected);
      }
    } finally {
      real.remove();
    }
  });
});

test.each(["-c", "-g", "-2", "-f"])("netstat refuses %s", (option) => {
  const { out, err, code } = typed(withLoopback(), `netstat ${option}`);
  expect({ out, err, code }).toEqual({ out: "", err: `netstat: ${option} is not modelled\n`, code: 1 });
});

test("without IPv6 there is nothing of it to read", () => {
  const machine = withLoopback();
  expect(typed(machine, "netstat -s6").err).toBe("cannot open /proc/net/snmp6: No such file or directory\n");
  expect(typed(machine, "netstat -r6")).toMatchObject({
    out: "INET6 (IPv6) not configured in this system.\n",
    code: 1,
  });
});
