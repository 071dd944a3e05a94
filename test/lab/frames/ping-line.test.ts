import { beforeAll, describe, expect, it } from "vitest";
import { frameOfPingLine, frameRow, type Lab, type Nanos, sameFrame } from "../../../src/lab/index.ts";
import { labUp, planOfFile, type } from "../../kit/lab.ts";

interface Line {
  readonly text: string;
  readonly time: Nanos;
}

let lab: Lab;
beforeAll(() => {
  lab = labUp(planOfFile("bridge-xl.yaml"), { frames: true });
  type(lab, "outside", "sysctl -w net.ipv4.ip_forward=1");
});

/** What a command prints, line by line, each with its time. */
function printed(machine: string, command: string): Line[] {
  const process = lab.exec(machine, command);
  const lines: Line[] = [];
  for (let seen = 0; !process.hasEnded && lab.world.scheduler.step(); ) {
    const text = process.console!.text("stdout");
    if (text.length === seen) continue;
    for (const line of text.slice(seen).split("\n")) if (line !== "") lines.push({ text: line, time: lab.now });
    seen = text.length;
  }
  return lines;
}

const about = (lines: readonly Line[]): Line[] => lines.filter(({ text }) => text.includes("icmp_seq="));

/** What came in, for each of the lines. */
const behind = (machine: string, lines: readonly Line[]) =>
  about(lines).map(({ text, time }) => {
    const number = frameOfPingLine(lab.frames!, machine, text, time);
    const row = number === null ? null : frameRow(lab.frames!, number);
    return row === null ? null : `${row.point} ${row.direction} ${row.source} ${row.info.replaceAll(/id \d+, /g, "")}`;
  });

describe("a line of ping", () => {
  it("leads to the reply where it came in at the machine", () => {
    expect(behind("web1", printed("web1", "ping -c 3 -i 0.3 192.168.1.1"))).toEqual([
      "web1:eth0 in 192.168.1.1 echo reply, seq 1, length 64",
      "web1:eth0 in 192.168.1.1 echo reply, seq 2, length 64",
      "web1:eth0 in 192.168.1.1 echo reply, seq 3, length 64",
    ]);
  });

  it("also when it has a time stamp, an identifier and a name", () => {
    const lines = printed("web1", "ping -D -v -c 1 web2");
    expect(about(lines)[0]?.text).toMatch(/^\[\d+\.\d+\] 64 bytes from web2 \(192.168.1.102\): icmp_seq=1 ident=/);
    expect(behind("web1", lines)).toEqual(["web1:eth0 in 192.168.1.102 echo reply, seq 1, length 64"]);
  });

  it("of two pings with the same numbers leads to the reply of the one that has the identifier", () => {
    const lines = printed("web1", "ping -v -c 1 192.168.1.1 & ping -v -c 1 192.168.1.1");
    const numbers = about(lines).map(({ text }) => frameOfPingLine(lab.frames!, "web1", text, lab.now));
    const idents = about(lines).map(({ text }) => Number(/ident=(\d+)/.exec(text)?.[1]));
    expect(numbers.map((number) => frameRow(lab.frames!, number!)?.info)).toEqual(
      idents.map((ident) => `echo reply, id ${ident}, seq 1, length 64`),
    );
    expect(new Set(numbers).size).toBe(2);
  });

  it("leads to the first fragment of a long reply", () => {
    expect(behind("web2", printed("web2", "ping -c 1 -s 4000 192.168.1.1"))).toEqual([
      "web2:eth0 in 192.168.1.1 echo reply, seq 1, length 1480, offset 0, flags [+]",
    ]);
  });

  it("of dom0 leads to its bridge, which is what the stack got it from", () => {
    expect(behind("xen1", printed("xen1", "ping -c 1 192.168.1.102"))).toEqual([
      "xen1:xenbr0 in 192.168.1.102 echo reply, seq 1, length 64",
    ]);
  });

  it("to itself leads to lo", () => {
    expect(behind("web1", printed("web1", "ping -c 1 192.168.1.101"))).toEqual([
      "web1:lo in 192.168.1.101 echo reply, seq 1, length 64",
    ]);
  });
});

describe("an error line of ping", () => {
  it("leads to the ICMP error that came in", () => {
    expect(behind("web1", printed("web1", "ping -c 1 10.9.9.9"))).toEqual([
      "web1:eth0 in 192.168.1.1 net 10.9.9.9 unreachable, length 92",
    ]);
    type(lab, "outside", "ip route add 10.9.9.0/24 via 192.168.1.10");
    expect(behind("web1", printed("web1", "ping -c 1 -t 1 10.9.9.9"))).toEqual([
      "web1:eth0 in 192.168.1.1 time exceeded in-transit, length 92",
    ]);
  });

  it("leads nowhere when the machine's own stack gave up: no frame came in", () => {
    const lines = printed("web1", "ping -c 1 192.168.1.77");
    expect(about(lines)[0]?.text).toBe("From 192.168.1.101 icmp_seq=1 Destination Host Unreachable");
    expect(behind("web1", lines)).toEqual([null]);
  });
});

it("other lines, other machines, other times lead nowhere", () => {
  const [line] = about(printed("web1", "ping -c 1 192.168.1.1"));
  const { text, time } = line!;
  const log = lab.frames!;
  expect(frameOfPingLine(log, "web1", text, time)).not.toBeNull();
  expect(frameOfPingLine(log, "web2", text, time)).toBeNull();
  expect(frameOfPingLine(log, "web1", text, (time - 1e9) as Nanos)).toBeNull();
  expect(frameOfPingLine(log, "web1", text, (time + 2e9) as Nanos)).toBeNull();
  expect(frameOfPingLine(log, "web1", text.replace("icmp_seq=1", "icmp_seq=2"), time)).toBeNull();
  expect(frameOfPingLine(log, "web1", text.replace("ttl=64", "ttl=63"), time)).toBeNull();
  for (const other of [
    "",
    "PING 192.168.1.1 (192.168.1.1) 56(84) bytes of data.",
    "64 bytes from x: icmp_seq=1 ttl=64",
  ])
    expect(frameOfPingLine(log, "web1", other, time), other).toBeNull();
});

describe("the same frame", () => {
  it("is found at every point it passed, in the order of time", () => {
    const [line] = about(printed("web1", "ping -c 1 192.168.1.1"));
    const number = frameOfPingLine(lab.frames!, "web1", line!.text, line!.time)!;
    const numbers = sameFrame(lab.frames!, number);
    const rows = numbers.map((each) => frameRow(lab.frames!, each)!);
    expect(rows.map(({ point, direction }) => `${point} ${direction}`)).toEqual([
      "outside:eth0 out",
      "xen1:eth0 in",
      "xen1:vif1.0 out",
      "web1:eth0 in",
    ]);
    expect(numbers).toContain(number);
    expect(numbers).toEqual([...numbers].sort((a, b) => a - b));
    for (const each of numbers) expect(sameFrame(lab.frames!, each)).toEqual(numbers);
  });

  it("of what the log does not have is none", () => {
    expect([sameFrame(lab.frames!, 0), sameFrame(lab.frames!, lab.frames!.end)]).toEqual([[], []]);
  });
});
