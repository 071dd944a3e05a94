/** Capture points that are switched while the lab runs: what the files hold, what a listing says, what is refused. */
import { describe, expect, test } from "vitest";
import { readCapture } from "../../../src/lab/capture/reader.ts";
import type { CaptureChange, CapturePointSummary, Lab } from "../../../src/lab/index.ts";
import type { LabOptions } from "../../../src/lab/lab.ts";
import type { Plan } from "../../../src/lab/topology/plan.ts";
import { labUp, pass, planOfFile, type } from "../../kit/lab.ts";
import { requireTool } from "../../kit/tools.ts";
import { run, tshark, withFile } from "./sample.ts";

const PCAPNG = { capture: { format: "pcapng", merged: false } } as const;
const MERGED = { capture: { format: "pcapng", merged: true } } as const;
const PCAP = { capture: { format: "pcap", merged: false } } as const;
const NOTHING: Plan["capture"] = { all: false, points: [] };

const lab = (options: LabOptions = PCAPNG, capture: Plan["capture"] = NOTHING): Lab =>
  labUp({ ...planOfFile("bridge-xl.yaml"), capture }, options);

function change(of: Lab, point: string, wanted: CaptureChange): void {
  const [machine = "", device = ""] = point.split(":");
  expect(of.capturePoint(machine, device, wanted), point).toEqual({ ok: true });
}

const on = (of: Lab, point: string, filter: string | null = null): void => change(of, point, { on: true, filter });
const off = (of: Lab, point: string): void => change(of, point, { on: false });

function ping(of: Lab, count = 1): void {
  expect(type(of, "web1", `ping -c ${count} -i 0.1 192.168.1.102`).code).toBe(0);
}

const file = (of: Lab, path: string): Uint8Array => of.captures!.list.find((each) => each.path === path)!.take();

function point(of: Lab, name: string): CapturePointSummary {
  const found = of.captures!.points.find(({ machine, device }) => `${machine}:${device}` === name);
  expect(found, name).toBeDefined();
  return found!;
}

/** What a careful reader of the file would object to. */
function objections(path: string): string[] {
  const order = run("capinfos", ["-Mo", path]);
  const expert = run("tshark", ["-r", path, "-q", "-z", "expert,warn"]);
  return [
    ...(/Strict time order:\s+True/.test(order.stdout) ? [] : [`order: ${order.stdout}${order.stderr}`]),
    ...expert.stdout.split("\n").filter((line) => /^\s+\d+\s/.test(line)),
    ...(expert.status === 0 ? [] : [expert.stderr]),
  ];
}

describe("on, off and on again", () => {
  test("is one file that only grows, with what passed while it was on", () => {
    const of = lab();
    expect(of.captures!.list).toEqual([]);
    on(of, "xen1:vif1.0");
    ping(of, 2);
    const first = file(of, "xen1-vif1.0.pcapng");
    off(of, "xen1:vif1.0");
    ping(of, 3);
    expect(file(of, "xen1-vif1.0.pcapng")).toHaveLength(0);
    on(of, "xen1:vif1.0");
    ping(of);
    const second = file(of, "xen1-vif1.0.pcapng");
    const whole = readCapture(Buffer.concat([first, second]));
    expect([whole.problem, whole.cut, whole.interfaces.length]).toEqual([null, false, 1]);
    const icmp = whole.packets.filter(({ bytes }) => bytes[12] === 8 && bytes[13] === 0);
    expect(icmp).toHaveLength(2 * 2 + 2 * 1);
    expect(point(of, "xen1:vif1.0")).toMatchObject({
      frames: whole.packets.length,
      fileBytes: first.length + second.length,
    });
  });

  test("what is on already goes on undisturbed: nothing is written twice", () => {
    const of = lab();
    for (let i = 0; i < 3; i++) on(of, "xen1:vif1.0", "icmp");
    ping(of);
    expect(readCapture(file(of, "xen1-vif1.0.pcapng")).packets).toHaveLength(2);
  });

  test.skipIf(!requireTool("tshark"))("tshark and capinfos object to nothing, in either format", () => {
    for (const options of [PCAPNG, PCAP]) {
      const of = lab(options);
      for (const filter of [null, "icmp", "icmp", null]) {
        on(of, "xen1:vif1.0", filter);
        ping(of);
        off(of, "xen1:vif1.0");
        ping(of);
      }
      withFile(file(of, `xen1-vif1.0.${options.capture.format}`), (path) => {
        expect(objections(path)).toEqual([]);
        expect(tshark(path, ["frame.number"]).rows).toHaveLength(point(of, "xen1:vif1.0").frames);
      });
    }
  });
});

describe("a filter that changes while frames pass", () => {
  test.skipIf(!requireTool("tshark"))(
    "is in the interface that its frames are on; an old one has its interface again",
    () => {
      const of = lab(MERGED);
      type(of, "web1", "ip neigh flush all");
      for (const filter of [null, "arp", "icmp", null]) {
        on(of, "xen1:vif1.0", filter);
        type(of, "web1", "ip neigh flush all");
        ping(of);
      }
      for (const name of ["xen1-vif1.0.pcapng", "merged.pcapng"])
        withFile(file(of, name), (path) => {
          expect(objections(path).filter((line) => !/No response seen/.test(line))).toEqual([]);
          const blocks = run("capinfos", ["-MI", path]).stdout;
          const [names, filters] = [/^\s+Name = (.*)$/gm, /^\s+Filter string = (.*)$/gm].map((pattern) =>
            [...blocks.matchAll(pattern)].map((match) => match[1]),
          );
          expect(names!.filter((each) => each === "xen1:vif1.0")).toHaveLength(3);
          expect(filters).toEqual(["arp", "icmp"]);
          const rows = tshark(path, ["frame.interface_id", "frame.interface_name", "frame.protocols"]).rows;
          const seen = rows.filter(([, at]) => at === "xen1:vif1.0");
          const protocolsOn = (id: number): Set<string> =>
            new Set(seen.filter((row) => row[0] === String(id)).map((row) => row[2]!.split(":")[2]!));
          const first = Math.min(...seen.map((row) => Number(row[0])));
          expect(protocolsOn(first)).toEqual(new Set(["arp", "ip"]));
          expect(protocolsOn(first + 1)).toEqual(new Set(["arp"]));
          expect(protocolsOn(first + 2)).toEqual(new Set(["ip"]));
        });
    },
  );

  test("may be set while the point is off, and cleared by null or an empty text", () => {
    const of = lab();
    change(of, "xen1:vif1.0", { filter: "arp" });
    expect(point(of, "xen1:vif1.0")).toMatchObject({ state: "off", filter: "arp", path: null });
    change(of, "xen1:vif1.0", { on: true });
    ping(of);
    expect(point(of, "xen1:vif1.0").protocols.map(({ protocol }) => protocol)).not.toContain("ICMP");
    change(of, "xen1:vif1.0", { filter: " " });
    ping(of);
    expect(point(of, "xen1:vif1.0")).toMatchObject({ state: "on", filter: null });
    expect(point(of, "xen1:vif1.0").protocols).toContainEqual({ protocol: "ICMP", frames: 2 });
  });

  test("a bridge without promiscuity shows its host's own frames only", () => {
    const of = lab();
    on(of, "xen1:xenbr0", "icmp");
    ping(of);
    expect(point(of, "xen1:xenbr0")).toMatchObject({ frames: 2, where: "every frame the bridge handles" });
    change(of, "xen1:xenbr0", { promiscuous: false });
    ping(of);
    expect(point(of, "xen1:xenbr0")).toMatchObject({ frames: 2, where: "the host's own frames" });
    type(of, "web1", "ping -c 1 192.168.1.10");
    expect(point(of, "xen1:xenbr0").frames).toBe(4);
  });

  test("a snap length holds from then on, on an interface that says so", () => {
    const of = lab();
    on(of, "xen1:vif1.0", "icmp");
    ping(of);
    change(of, "xen1:vif1.0", { snaplen: 60 });
    ping(of);
    const { interfaces, packets } = readCapture(file(of, "xen1-vif1.0.pcapng"));
    expect(interfaces.map(({ name, snaplen }) => [name, snaplen])).toEqual([
      ["xen1:vif1.0", 262_144],
      ["xen1:vif1.0", 60],
    ]);
    expect(packets.map((packet) => [packet.interface, packet.bytes.length, packet.originalLength])).toEqual([
      [0, 98, 98],
      [0, 98, 98],
      [1, 60, 98],
      [1, 60, 98],
    ]);
  });
});

describe("a device that goes and comes", () => {
  test("is waited for, and goes on in the same file", () => {
    const of = lab();
    on(of, "web1:eth0", "icmp");
    ping(of);
    type(of, "xen1", "xl destroy web1");
    expect(point(of, "web1:eth0")).toMatchObject({ state: "waiting", kind: null, frames: 2 });
    type(of, "xen1", "xl create /etc/xen/web1.cfg");
    expect(of.comeUp()).toBe(true);
    expect(point(of, "web1:eth0")).toMatchObject({ state: "on", kind: "netfront", frames: 2 });
    ping(of);
    const { interfaces, packets } = readCapture(file(of, "web1-eth0.pcapng"));
    expect([interfaces.length, packets.length]).toEqual([1, 4]);
  });

  test("may be asked for before there ever was one", () => {
    const of = lab();
    on(of, "xen1:vif3.0", "icmp");
    expect(point(of, "xen1:vif3.0")).toMatchObject({ state: "waiting", path: null, where: "no such device now" });
    expect(of.captures!.summaries).toEqual([{ path: "xen1-vif3.0.pcapng", frames: 0, bytes: 0, missing: true }]);
    type(of, "xen1", "xl destroy web1; xl create /etc/xen/web1.cfg");
    expect(of.comeUp()).toBe(true);
    ping(of);
    expect(point(of, "xen1:vif3.0")).toMatchObject({ state: "on", frames: 2, path: "xen1-vif3.0.pcapng" });
  });

  test("that nobody waits for any more is not captured when it comes", () => {
    const of = lab();
    on(of, "xen1:vif3.0");
    off(of, "xen1:vif3.0");
    expect(of.captures!.points.map(({ device }) => device)).not.toContain("vif3.0");
    type(of, "xen1", "xl destroy web1; xl create /etc/xen/web1.cfg");
    expect(of.comeUp()).toBe(true);
    expect(point(of, "xen1:vif3.0")).toMatchObject({ state: "off", path: null });
    expect(of.captures!.list).toEqual([]);
  });
});

describe("all of a topology's points", () => {
  test("are later devices too, but none that was switched off by its name", () => {
    const of = lab(PCAPNG, { all: true, points: [] });
    off(of, "web1:eth0");
    const before = point(of, "web1:eth0");
    expect(before.state).toBe("stopped");
    type(of, "xen1", "xl destroy web1; xl create /etc/xen/web1.cfg");
    expect(of.comeUp()).toBe(true);
    ping(of);
    expect(point(of, "web1:eth0")).toMatchObject({ state: "stopped", frames: before.frames });
    expect(point(of, "xen1:vif3.0").state).toBe("on");
    expect(point(of, "xen1:vif3.0").frames).toBeGreaterThan(0);
    expect(point(of, "xen1:vif1.0"), "nobody asked for it by name").toMatchObject({ state: "stopped", kind: null });
  });
});

describe("the listing", () => {
  test("has every device but loopback, with its kind and what passes there", () => {
    const of = lab();
    type(of, "xen1", "ip link add veth0 type veth peer name veth1");
    const rows = of.captures!.points.map(({ machine, device, kind, where }) => [`${machine}:${device}`, kind, where]);
    expect(rows).toEqual([
      ["outside:eth0", "nic", "on the wire"],
      ["xen1:eth0", "nic", "on the wire"],
      ["xen1:xenbr0", "bridge", "every frame the bridge handles"],
      ["xen1:vif1.0", "vif", "web1's eth0 as dom0 sees it"],
      ["xen1:vif2.0", "vif", "web2's eth0 as dom0 sees it"],
      ["xen1:veth1", "veth", "between it and veth0"],
      ["xen1:veth0", "veth", "between it and veth1"],
      ["web1:eth0", "netfront", "inside the guest, before the ring"],
      ["web2:eth0", "netfront", "inside the guest, before the ring"],
    ]);
  });

  test("agrees with the file: frames, bytes, times, protocols, size", () => {
    const of = lab();
    on(of, "xen1:vif1.0");
    type(of, "web1", "ip neigh flush all");
    ping(of, 3);
    type(of, "web1", "echo hello | nc -u -w 1 192.168.1.1 7");
    pass(of, 1);
    const said = point(of, "xen1:vif1.0");
    const bytes = file(of, "xen1-vif1.0.pcapng");
    const { packets } = readCapture(bytes);
    const epoch = BigInt(of.plan.epoch) * 1_000_000_000n;
    expect(said).toMatchObject({
      state: "on",
      path: "xen1-vif1.0.pcapng",
      frames: packets.length,
      bytes: packets.reduce((sum, packet) => sum + packet.originalLength, 0),
      fileBytes: bytes.length,
      first: Number(packets[0]!.nanos - epoch),
      last: Number(packets.at(-1)!.nanos - epoch),
    });
    const byType = (...head: number[]): number =>
      packets.filter((packet) => head.every((byte, i) => byte < 0 || packet.bytes[12 + i] === byte)).length;
    const inIpv4 = (protocol: number): number => byType(8, 0, ...Array<number>(9).fill(-1), protocol);
    const counts = new Map(said.protocols.map(({ protocol, frames }) => [protocol, frames]));
    expect(counts).toEqual(
      new Map([
        ["ICMP", inIpv4(1)],
        ["ARP", byType(8, 6)],
        ["UDP", inIpv4(17)],
      ]),
    );
    expect([counts.get("ICMP"), counts.get("ARP")! > 1, counts.get("UDP")]).toEqual([6, true, 2]);
  });
});

describe("what is refused", () => {
  test("a filter that does not compile, with its place; the point stays as it was", () => {
    const of = lab();
    on(of, "xen1:vif1.0", "arp");
    expect(of.capturePoint("xen1", "vif1.0", { filter: "arp or icmpp" })).toEqual({
      ok: false,
      message: "can't parse filter expression: syntax error at 'icmpp'; did you mean 'icmp'?",
      column: 8,
    });
    expect(of.capturePoint("xen1", "vif2.0", { on: true, filter: "port" })).toMatchObject({ ok: false });
    expect(point(of, "xen1:vif1.0")).toMatchObject({ state: "on", filter: "arp" });
    expect(point(of, "xen1:vif2.0")).toMatchObject({ state: "off", filter: null });
  });

  test.each([
    ["", "eth0"],
    ["xen1", ""],
    ["xen1", "../eth0"],
    ["xen1", ".."],
    ["xen1", "a-name-of-16-byt"],
    ["xen1", "vif 1"],
  ])("a name that no device can have: %j %j", (machine, device) => {
    expect(lab().capturePoint(machine, device, { on: true })).toMatchObject({ ok: false, column: null });
  });

  test.each([13, 262_145, 60.5, Number.NaN])("a snap length of %d bytes", (snaplen) => {
    expect(lab().capturePoint("xen1", "vif1.0", { snaplen })).toEqual({
      ok: false,
      message: "a snap length is a whole number of bytes from 14 to 262144",
      column: null,
    });
  });

  test("more bytes than the head of a classic file has promised", () => {
    const of = lab(PCAP);
    change(of, "xen1:vif1.0", { on: true, snaplen: 64 });
    expect(of.capturePoint("xen1", "vif1.0", { snaplen: 128 })).toMatchObject({
      message: "xen1-vif1.0.pcap was begun with a snap length of 64 bytes: classic pcap cannot raise it",
    });
    change(of, "xen1:vif1.0", { snaplen: 32 });
  });

  test("anything in a lab that was opened without captures", () => {
    expect(lab({ capture: null }).capturePoint("xen1", "vif1.0", { on: true })).toEqual({
      ok: false,
      message: "this lab was opened without captures",
      column: null,
    });
  });
});

test("a domain's name does not lead a file out of the folder", () => {
  const of = lab(PCAPNG, { all: true, points: [] });
  const config = 'name = "../../evil"\\nmemory = 64\\nkernel = "/boot/x"\\nvif = [ "bridge=xenbr0" ]\\n';
  type(of, "xen1", `printf '${config.replaceAll('"', '\\"')}' > /tmp/e.cfg`);
  expect(type(of, "xen1", "xl create /tmp/e.cfg").code).toBe(0);
  expect(of.comeUp()).toBe(true);
  expect(point(of, "../../evil:eth0").path).toBe("..%2f..%2fevil-eth0.pcapng");
});
