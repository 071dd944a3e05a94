/** Filters that look into DHCP and DNS, judged by tshark on the frames of a guest behind libvirt's NAT. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { INSIDE_FIELDS } from "../../../src/lab/frames/filter/inside-fields.ts";
import { captureOf, FrameSearch, type Nanos, openLab, parseDisplayFilter, seconds } from "../../../src/lab/index.ts";
import { planOfFile } from "../../kit/lab.ts";
import { output, requireTool } from "../../kit/tools.ts";

const POINT = "xen1:vif1.0";
const FILTERS: readonly string[] = [
  ...["dhcp", "dns", "not dhcp and not dns", ...INSIDE_FIELDS.keys()],
  ...["dhcp.option.dhcp == 1", "dhcp.option.dhcp != 3", "dhcp.option.dhcp >= 3", "dhcp.type == 2"],
  ...["dhcp.ip.your == 192.168.122.0/24", "dhcp.ip.your == 0.0.0.0", "dhcp.option.router == 192.168.122.1"],
  ...["dhcp.hw.mac_addr == 00:16:3e:00:00:01", "dhcp.hw.mac_addr != 00:16:3e:00:00:01"],
  ...['dhcp.option.hostname == "web1"', 'dhcp.option.hostname != "web1"', "dhcp.option.type == 55"],
  ...["dhcp.option.ip_address_lease_time == 3600", "dhcp.flags.bc == 1", "dhcp.flags == 0"],
  ...["dns.flags.response == 1", "dns.flags.response == 0", "dns.flags.rcode == 0", "dns.count.answers > 0"],
  ...[
    'dns.qry.name == "web2"',
    'dns.qry.name != "web2"',
    "dns.qry.type == 1",
    "dns.qry.type == 28",
    "dns.a == 192.168.122.0/24",
  ],
  ...["udp and dns.flags.authoritative == 1", "!(dns.resp.type == 12)", "dns.resp.ttl >= 0"],
];

describe.skipIf(!requireTool("tshark"))("tshark agrees on", () => {
  const lab = openLab(planOfFile("nat.yaml"), { frames: true });
  let folder = "";
  let numbers: number[] = [];
  beforeAll(() => {
    while (!lab.runSlice(50_000));
    lab.exec("web1", "host web2; host nosuch; host 192.168.122.18");
    lab.runUntil((lab.now + seconds(10)) as Nanos);
    const log = lab.frames!;
    numbers = Array.from({ length: log.end - log.first }, (_, i) => log.first + i).filter((number) => {
      const record = log.record(number)!;
      return record.point === POINT && record.direction !== "drop";
    });
    folder = mkdtempSync(join(tmpdir(), "xenlab-filter-"));
    const records = numbers.map((number) => log.record(number)!);
    writeFileSync(join(folder, "vif.pcapng"), captureOf(lab, records));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it.each(FILTERS)("%s", (text) => {
    const read = parseDisplayFilter(text);
    if (!read.ok) throw new Error(`${text}: ${read.message}`);
    const search = new FrameSearch(lab.frames!, read.filter);
    search.step(Number.POSITIVE_INFINITY);
    const ours = numbers.flatMap((number, i) => (search.matches.includes(number) ? [i + 1] : []));
    const theirs = output("tshark", [
      "-r",
      join(folder, "vif.pcapng"),
      "-Y",
      text,
      "-T",
      "fields",
      "-e",
      "frame.number",
    ]);
    expect(ours).toEqual(theirs.trim() === "" ? [] : theirs.trim().split("\n").map(Number));
  });

  it("frames of each kind: DHCP, questions and answers of DNS, names that are not there", () => {
    const found = (text: string): number => {
      const read = parseDisplayFilter(text);
      const search = new FrameSearch(lab.frames!, read.ok ? read.filter : { test: "any" });
      search.step(Number.POSITIVE_INFINITY);
      return search.matches.filter((number) => numbers.includes(number)).length;
    };
    for (const text of ["dhcp", "dns.qry.name == web2", "dns.a", "dns.flags.rcode > 0", "dns.ptr.domain_name"])
      expect(found(text), text).toBeGreaterThan(0);
  });
});

describe("what cannot be compared so", () => {
  it.each([
    ["dns.qry.name > web1", "'dns.qry.name' is compared with == or !=, not >"],
    ["dhcp.option.dhcp == discover", "dhcp.option.dhcp is compared with a number, not 'discover'"],
    ["dhcp == 1", "'dhcp' is a protocol: it stands alone"],
    ["dhcp.optoin.dhcp == 1", "'dhcp.optoin.dhcp' stands where a field should; did you mean 'dhcp.option.dhcp'?"],
  ])("%s", (text, message) => {
    expect(parseDisplayFilter(text)).toMatchObject({ ok: false, message });
  });
});
