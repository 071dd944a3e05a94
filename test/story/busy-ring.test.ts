/** "The device is busy": a guest sends faster than netback serves, and every place where frames wait shows it. */
import { describe, expect, test } from "vitest";
import { get32, put32 } from "../../src/base/bytes.ts";
import { Fate } from "../../src/base/fate.ts";
import type { Lab } from "../../src/lab/index.ts";
import { parseIpv4 } from "../../src/packet/address.ts";
import type { Datagram } from "../../src/stack/socket/datagram.ts";
import type { SocketOwner } from "../../src/stack/socket/socket.ts";
import { UdpSocket } from "../../src/stack/socket/udp.ts";
import { Netfront } from "../../src/xen/netfront.ts";
import { labUp, pass, planOf, type } from "../kit/lab.ts";

const HOST = `
name: busy
mode: bridge
guests:
  web1: 192.168.1.11
  web2: 192.168.1.12
`;
const WEB2 = parseIpv4("192.168.1.12")!;
const PORT = 5001;
/** Slots in use at which netfront stops its queue, and the room of the qdisc behind it. */
const STOP_AT = 237;
const QDISC = 1000;

class Sink implements SocketOwner<Datagram> {
  readonly numbers: number[] = [];

  received(_socket: unknown, { data }: Datagram): void {
    this.numbers.push(get32(data, 0));
  }

  failed(): void {}
}

function prepare(): { lab: Lab; sink: Sink; send: (count: number, size?: number) => void; device: Netfront } {
  const lab = labUp(planOf(HOST));
  type(lab, "web1", "ping -c1 192.168.1.12");
  const sink = new Sink();
  new UdpSocket(lab.machine("web2").net, sink).bind(0 as typeof WEB2, PORT);
  const sender = new UdpSocket(lab.machine("web1").net, new Sink());
  let number = 0;
  const send = (count: number, size = 64): void => {
    const payload = new Uint8Array(size);
    for (let i = 0; i < count; i++) {
      put32(payload, 0, number++);
      expect(sender.send(payload, { address: WEB2, port: PORT })).toBeNull();
    }
  };
  const device = lab.machine("web1").table.find("eth0");
  if (!(device instanceof Netfront)) throw new Error("web1 has no netfront");
  return { lab, sink, send, device };
}

/** Requests of the guest that netback has not answered, as dom0's debugfs tells: "(n)" is the distance from rsp_prod. */
function unanswered(lab: Lab): number {
  const text = type(lab, "xen1", "cat /sys/kernel/debug/xen-netback/vif1.0/io_ring_q0").stdout;
  const [, request, distance, response] = /^TX: .*?req prod (\d+) \((\d+)\).*?rsp prod (\d+) \(base\)/ms.exec(text)!;
  expect(Number(distance)).toBe(Number(request) - Number(response));
  return Number(distance);
}

function zeroCopied(lab: Lab): number {
  const line = /^ +tx_zerocopy_sent: (\d+)$/m.exec(type(lab, "xen1", "ethtool -S vif1.0").stdout);
  return Number(line![1]);
}

/** Frames ended since `before`, by the code of their fate; those that had none are left out. */
function endedSince(before: readonly number[], { world }: Lab): Record<number, number> {
  const grown = [...world.frames.fates].map((count, code) => [code, count - before[code]!] as const);
  return Object.fromEntries(grown.filter(([, count]) => count !== 0));
}

describe("bursts faster than netback", () => {
  test("the queue stops at 237 slots; ethtool, debugfs and tc show what waits; nothing is lost or reordered", () => {
    const { lab, sink, send, device } = prepare();
    const before = { tx: device.counters.txPackets, delivered: lab.world.frames.count(Fate.DELIVERED) };
    send(STOP_AT + QDISC);
    expect(device.used).toBe(STOP_AT);
    expect(device.stopped).toBe(true);
    expect(device.qdisc!.length).toBe(QDISC);
    pass(lab, 1);
    expect(device.stopped).toBe(false);
    expect(sink.numbers).toEqual(Array.from({ length: STOP_AT + QDISC }, (_, i) => i));
    expect(device.counters.txPackets - before.tx).toBe(STOP_AT + QDISC);
    expect(lab.world.frames.count(Fate.DELIVERED) - before.delivered).toBe(STOP_AT + QDISC);
    expect(type(lab, "web1", "tc -s qdisc show dev eth0").stdout).toMatch(
      /qdisc pfifo .* limit 1000p\n Sent \d+ bytes \d+ pkt \(dropped 0, overlimits 0 requeues 0\)/,
    );
  });

  test("tc, ethtool and debugfs show it while it lasts", () => {
    const { lab, send, device } = prepare();
    expect(unanswered(lab)).toBe(0);
    type(lab, "xen1", "ip link set dev vif1.0 down");
    send(STOP_AT + 100);
    expect(device.stopped).toBe(true);
    expect(type(lab, "web1", "tc -s qdisc show dev eth0").stdout).toContain(" backlog ");
    expect(type(lab, "web1", "tc -s qdisc show dev eth0").stdout).toMatch(/backlog \d+b 100p/);
    expect(unanswered(lab)).toBe(STOP_AT);
    type(lab, "xen1", "ip link set dev vif1.0 up");
    pass(lab, 1);
    expect(type(lab, "web1", "tc -s qdisc show dev eth0").stdout).toMatch(/backlog 0b 0p/);
    expect(unanswered(lab)).toBe(0);
  });

  test("ethtool counts the frames that netback maps while they come; short ones are copied", () => {
    const { lab, send, device } = prepare();
    const idle = zeroCopied(lab);
    send(100);
    pass(lab, 1);
    expect(zeroCopied(lab)).toBe(idle);
    send(STOP_AT + 100, 200);
    expect(device.stopped).toBe(true);
    const early = zeroCopied(lab);
    expect(early).toBeGreaterThan(idle);
    send(QDISC - 100, 200);
    expect(zeroCopied(lab)).toBeGreaterThan(early);
    pass(lab, 1);
    expect(zeroCopied(lab)).toBe(idle + STOP_AT + QDISC);
  });

  test("one more than ring and qdisc hold is dropped by the qdisc, and the sum over all fates is what was sent", () => {
    const { lab, sink, send, device } = prepare();
    const { frames } = lab.world;
    const before = [...frames.fates];
    const made = frames.created + frames.cloned - frames.alive;
    const total = STOP_AT + QDISC + 63;
    send(total);
    expect(lab.world.frames.count(Fate.QDISC_FULL)).toBe(63);
    pass(lab, 1);
    expect(sink.numbers).toHaveLength(STOP_AT + QDISC);
    expect(device.qdisc!.dropped).toBe(63);
    const ended = endedSince(before, lab);
    expect(ended[Fate.DELIVERED]! + ended[Fate.QDISC_FULL]!).toBe(total);
    // Whatever else ended meanwhile is the neighbours asking each other again.
    const { [Fate.DELIVERED]: delivered, [Fate.QDISC_FULL]: dropped, ...others } = ended;
    expect([delivered, dropped]).toEqual([STOP_AT + QDISC, 63]);
    const rest = Object.values(others).reduce((sum, count) => sum + count, 0);
    expect(frames.created + frames.cloned - frames.alive - made).toBe(total + rest);
    expect(type(lab, "web1", "tc -s qdisc show dev eth0").stdout).toContain("(dropped 63,");
  });

  test("a guest's TX counters are its vif's RX counters, and the other way round", () => {
    const { lab, send } = prepare();
    send(500);
    pass(lab, 1);
    for (const [guest, vif] of [
      ["web1", "vif1.0"],
      ["web2", "vif2.0"],
    ] as const) {
      const inside = lab.machine(guest).table.find("eth0")!.counters;
      const outside = lab.machine("xen1").table.find(vif)!.counters;
      expect([outside.rxPackets, outside.rxBytes]).toEqual([inside.txPackets, inside.txBytes]);
      expect([outside.txPackets, outside.txBytes]).toEqual([inside.rxPackets, inside.rxBytes]);
    }
  });
});
