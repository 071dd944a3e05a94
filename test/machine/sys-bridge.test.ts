/**
 * What /sys/class/net says of a bridge and its ports, and what writing there does, beside this machine's kernel: the same
 * lines in a shell of both. Timers are not looked at: what they show depends on the instant.
 */
import { afterAll, describe, expect, test } from "vitest";
import { seconds } from "../../src/engine/time.ts";
import { canMakeNamespaces, NetNamespace } from "../kit/netns.ts";
import { requireTool } from "../kit/tools.ts";
import { withLoopback } from "./command/twin.ts";
import { runFor, typed } from "./on-machine.ts";

const canTwin = ["ip", "brctl", "sysctl"].every(requireTool) && canMakeNamespaces();

const SET_UP = [
  "ip link add br1 address 02:00:00:00:00:01 type bridge",
  "ip link add a1 address 02:00:00:00:00:0a type veth peer name b1",
  "ip link add a2 address 02:00:00:00:00:0b type veth peer name b2",
  "ip link set a1 master br1",
  "ip link set a2 master br1",
  ...["br1", "a1", "b1", "a2", "b2"].map((name) => `ip link set ${name} up`),
];

const BRIDGE = "/sys/class/net/br1/bridge";
const PORT = "/sys/class/net/a2/brport";
const STATIC = [
  ...["ageing_time", "bridge_id", "flush", "forward_delay", "group_addr", "group_fwd_mask", "hello_time", "max_age"],
  ...["priority", "root_id", "root_path_cost", "root_port", "stp_state", "topology_change", "topology_change_detected"],
].map((name) => `${BRIDGE}/${name}`);
const PORT_STATIC = [
  ...["broadcast_flood", "change_ack", "config_pending", "designated_bridge", "designated_cost", "designated_port"],
  ...["designated_root", "flush", "hairpin_mode", "isolated", "learning", "multicast_flood", "path_cost", "port_id"],
  ...["port_no", "priority", "state", "unicast_flood"],
].map((name) => `${PORT}/${name}`);

/** A line that writes, then the file read back. */
const write = (text: string, path: string): string => `echo ${text} > ${path}; cat ${path}`;

const LINES = [
  ...[...STATIC, ...PORT_STATIC].map((path) => `cat ${path}`),
  "ls /sys/class/net/br1/brif",
  // Who walks the tree stops at links, which lead back.
  "ls -l /sys/class/net/br1/ /sys/class/net/a1/ /sys/class/net/a2/brport | grep -o '[a-z0-9_]* -> .*' | grep -v subsystem",
  "ls -l /sys/class/net/br1/brif /sys/class/net/a1/master | grep -o ' [a-z0-9_]* -> .*'",
  "cat /sys/class/net/br1/brif/a1/port_no /sys/class/net/a1/master/ifindex /sys/class/net/a1/brport/bridge/address",
  "cat /sys/class/net/a1/upper_br1/bridge/bridge_id /sys/class/net/br1/lower_a2/address",
  "ls -d /sys/class/net/b1/brport /sys/class/net/b1/master /sys/class/net/a1/bridge /sys/class/net/a1/brif",
  ...["1234", "200", "0", "x", "77x", "0x100"].map((text) => write(text, `${BRIDGE}/forward_delay`)),
  ...["5000", "0"].map((text) => write(text, `${BRIDGE}/ageing_time`)),
  ...["300", "50", "2000"].map((text) => write(text, `${BRIDGE}/hello_time`)),
  ...["700", "100"].map((text) => write(text, `${BRIDGE}/max_age`)),
  ...["4096", "65536", "70000"].map((text) => write(text, `${BRIDGE}/priority`)),
  ...["0x4000", "4", "0"].map((text) => write(text, `${BRIDGE}/group_fwd_mask`)),
  ...["1", "0", "1"].map((text) => write(text, `${BRIDGE}/stp_state`)),
  ...["100", "1500"].map((text) => write(text, `${BRIDGE}/forward_delay`)),
  ...["19", "0", "65536", "2"].map((text) => write(text, `${PORT}/path_cost`)),
  ...["7", "64", "32"].map((text) => write(text, `${PORT}/priority`)),
  ...["hairpin_mode", "isolated", "learning", "multicast_flood", "broadcast_flood", "unicast_flood"].flatMap((name) =>
    ["0", "1", "2"].map((text) => write(text, `${PORT}/${name}`)),
  ),
  `echo 1 > ${BRIDGE}/bridge_id`,
  `echo 1 > ${PORT}/state`,
  `echo 1 > ${BRIDGE}/flush; echo 1 > ${PORT}/flush; brctl showmacs br1 | sort -u`,
  "brctl showstp br1 | grep 'port id'",
];

describe.skipIf(!canTwin)("/sys/class/net of a bridge, beside the kernel", () => {
  const real = new NetNamespace();
  afterAll(() => real.remove());

  test("each file says the same, and takes and refuses the same", () => {
    const machine = withLoopback();
    real.prepare(...SET_UP, "sleep 1");
    for (const line of SET_UP) expect(typed(machine, line), line).toMatchObject({ code: 0, err: "" });
    runFor(machine, seconds(1));
    const kernel = real.runAll(LINES.map((line) => `bash -c "${line}"`));
    const wrong = LINES.flatMap((line, i) => {
      const { out, err, code } = typed(machine, line);
      const theirs = kernel[i]!;
      const same = out === theirs.out && code === theirs.code && wordless(err) === wordless(theirs.err);
      return same ? [] : [{ line, ours: { out, err, code }, theirs }];
    });
    expect(wrong).toEqual([]);
  });

  test("a copy of the tree ends: no link is gone through", () => {
    const machine = withLoopback();
    for (const line of SET_UP) typed(machine, line);
    const { err, out } = typed(machine, "cp -r /sys/class/net/br1 /tmp/br1; ls /tmp/br1/brif /tmp/br1/bridge");
    expect(err).toContain("cannot create symbolic link '/tmp/br1/lower_a1': Operation not permitted");
    expect(out).toContain("ageing_time\n");
  });
});

/** The real bash counts lines. */
const wordless = (text: string): string => text.replaceAll("bash: line 1: ", "bash: ");
