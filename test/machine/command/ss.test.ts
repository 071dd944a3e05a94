/** ss beside the real one: the same sockets, the same lines; and what it says where there is no real one to ask. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { seconds } from "../../../src/engine/time.ts";
import { judges } from "../../kit/fidelity.ts";
import { canMakeNamespaces } from "../../kit/netns.ts";
import { requireTool } from "../../kit/tools.ts";
import { runFor, typed } from "../on-machine.ts";
import { emulatedChain } from "./chain-lab.ts";
import { type Outcome, SocketLab, settled } from "./socket-lab.ts";
import { withLoopback } from "./twin.ts";

judges("ss");

const TOOLS = ["ss", "nc", "ping", "arping", "tcpdump", "dnsmasq"];
const canCompare = TOOLS.every(requireTool) && canMakeNamespaces();

const LINES = [
  ...["ss -u", "ss -ua", "ss -uan", "ss -lun", "ss -ul", "ss -aul", "ss -uanp", "ss -uap", "ss -uanT", "ss -uanpT"],
  ...["ss -uane", "ss -uanm", "ss -uani", "ss -uano", "ss -uanempi", "ss -uanempiO", "ss -Huan", "ss -Huane"],
  ...["ss -uan --tos", "ss -uan --cgroup", "ss -uan --inet-sockopt", "ss -uanO --inet-sockopt --tos --cgroup -e"],
  ...["ss -uar", "ss -uanr", "ss -4uan", "ss -6uan", "ss -u -4", "ss -tn", "ss -t -H", "ss -x", "ss -M", "ss -S"],
  ...["ss --vsock", "ss --tipc", "ss --xdp", "ss -f inet -A udp -an", "ss -f unix", "ss -A udp", "ss -A udp -a -n"],
  ...[
    "ss -w",
    "ss -wa",
    "ss -wan",
    "ss -wanp",
    "ss -wl",
    "ss -0",
    "ss -0a",
    "ss -0an",
    "ss -0ap",
    "ss -A p_dgr -a",
    "ss -A packet -ap",
  ],
  ...["ss -A packet", "ss -A packet_raw -a", "ss -A p_dgr -an", "ss -f link", "ss -A packet,udp -an", "ss -0u"],
  ...["ss -uan state established", "ss -uan state unconnected", "ss -uan state connected", "ss -u state listening"],
  ...["ss -u state all", "ss -u state big", "ss -u state bucket", "ss -uan exclude established", "ss -u state CLOSED"],
  ...["ss -u state established state closed", "ss -u excl closed excl established", "ss -l state established -u"],
  ...["ss -uan sport = :5001", "ss -uan sport = 5001", "ss -uan sport :53", "ss -uan sport eq 53"],
  ...["ss -uan sport = :domain", "ss -uan dport != :5001", "ss -uan sport gt :1000", "ss -uan 'sport < :1000'"],
  ...["ss -uan 'sport >= 53 sport <= 5001'", "ss -uan 'dport ge 5009'", "ss -uan not sport :53", "ss -uan ! sport :53"],
  ...["ss -uan 'sport = :53 or sport = :5001'", "ss -uan sport = :53 '||' sport = :5003"],
  ...["ss -uan '( sport = :5001 or dport = :5001 ) and not src 127.0.0.1'", "ss -uan 'not ( sport = :53 )'"],
  ...["ss -uan src 127.0.0.1", "ss -uan src 127.0.0.1:5003", "ss -uan src 127.0.0.0/8", "ss -uan src 127/8:53"],
  ...["ss -uan dst 10.0.0.2", "ss -uan dst 10/8", "ss -uan src :5001", "ss -uan src '*:5001'", "ss -uan src '*'"],
  ...["ss -uan src localhost", "ss -uan src inet:127.0.0.1", "ss -uan src any", "ss -uan src 127.1", "ss -u dst :0"],
  ...["ss -uan dev a0", "ss -uan 'dev != a0'", "ss -uan dev nosuch", "ss -uan autobound", "ss -uan fwmark = 1"],
  ...["ss -uan fwmark 0", "ss -uan fwmark x", "ss -0an sport = link:a0", "ss -0a sport = a0", "ss -0a src :nosuch"],
  ...["ss -uan dport foo", "ss -uan src foo", "ss -uan sport", "ss -uan foo", "ss -uan 1.2.3.4", "ss -tl extra"],
  ...[
    "ss -uan sport = = :5",
    "ss -uan '(' sport = :53",
    "ss -uan ')'",
    "ss -uan 'src != 10/8'",
    "ss -uan sport = :53 or",
  ],
  ...[
    "ss -uan src '[::1]'",
    "ss -6uan src ::1",
    "ss sport = :99999 -u",
    "ss -u state foo",
    "ss -u state",
    "ss -u exclude",
  ],
  ...["ss --foo", "ss -k", "ss -f", "ss -f foo", "ss -A foo", "ss -A 'udp,!udp'", "ss -z", "ss -Z", "ss -V", "ss -v"],
];

/** Of netlink, Unix and TCP sockets a real host always has some: there the width of a column is not compared. */
const WIDE = [
  "ss -an",
  "ss -l",
  "ss -lnp",
  "ss -n",
  "ss -ap",
  "ss -4an",
  "ss -A all,!netlink -an",
  "ss -tuan",
  "ss -A inet -a",
];
const OTHERS = /^(nl|u_\w+|tcp|v_\w+) /;

/** Its kernel has no raw_diag, so that ss reads /proc/net/raw; others say with which protocol a socket is raw. */
const asWithRawDiag = (text: string): string => text.replace(/^raw {2}/gm, "???  ");
/** A usage is xenlab's own and tells what is modelled. */
const withoutUsage = (text: string): string => text.replace(/Usage:[\s\S]*/, "Usage");
/** Nor has it MPTCP's. */
const WITHOUT_DIAG = "RTNETLINK answers: Invalid argument\n";

describe.skipIf(!canCompare)("ss beside the real one", () => {
  let lab: SocketLab;
  beforeAll(() => {
    lab = new SocketLab();
  }, 60_000);
  afterAll(() => lab?.close());

  const shown = ({ out, err, code }: Outcome) => ({
    out: settled(asWithRawDiag(out)),
    err: withoutUsage(err.replaceAll(WITHOUT_DIAG, "")),
    code,
  });

  test.each(LINES)("%s", (line) => {
    expect(shown(lab.here(line))).toEqual(shown(lab.there(line)));
  });

  test.each(WIDE)("%s, but for the columns' width", (line) => {
    const words = (said: Outcome) => {
      const lines = settled(asWithRawDiag(said.out)).filter((each) => !OTHERS.test(each));
      return lines.map((each) => each.replace(/ +/g, " "));
    };
    expect(words(lab.here(line))).toEqual(words(lab.there(line)));
  });

  test("-s counts them; a real host has more kinds", () => {
    const counts = ({ out }: Outcome): string[] =>
      out.split("\n").filter((each) => /^(Transport|RAW|UDP|FRAG)/.test(each));
    for (const line of ["ss -s", "ss -sun"]) expect(counts(lab.here(line))).toEqual(counts(lab.there(line)));
  });
});

describe("ss", () => {
  test("tells of a raw socket what raw_diag tells: its protocol, the device it is bound to, its buffers", () => {
    const { here } = emulatedChain();
    here.spawn(["ping", "-i", "60", "-I", "a0", "10.0.0.2"]);
    runFor(here, seconds(1));
    const told = "ino:16385 sk:1 cgroup:/ <-> skmem:(r0,rb212992,t0,tb212992,f0,w0,o0,bl0,d0)";
    expect(typed(here, "ss -HwanOme").out).toBe(`UNCONN 0      0      0.0.0.0%a0:1 0.0.0.0:* ${told}\n`);
    expect(typed(here, "ss -Hwi").out).toBe("");
    expect(typed(here, "ss -Hwai").out).toBe("UNCONN 0      0      0.0.0.0%a0:icmp 0.0.0.0:*\n\t\n");
  });

  test("lets go of what is closed", () => {
    const machine = withLoopback();
    typed(machine, "ip link set lo up; ping -c 2 -i 0.2 127.0.0.1; traceroute -n 127.0.0.1; dig @127.0.0.1 +tries=1 x");
    typed(machine, "echo x | nc -u -w 1 127.0.0.1 9; timeout 1 tcpdump -i lo; timeout 1 dnsmasq -k");
    expect(machine.net.sockets.open.size).toBe(0);
    expect(typed(machine, "ss -Huwa0").out).toBe("");
  });

  test.each(["-b", "-E", "-K", "-D x", "-F x", "-N x", "-f netlink", "-A netlink", "cgroup /"])(
    "refuses %s",
    (words) => {
      const { out, err, code } = typed(withLoopback(), `ss ${words}`);
      expect({ out, code }).toEqual({ out: "", code: 1 });
      expect(err).toMatch(/^ss: .* not modelled\n$/);
    },
  );
});
