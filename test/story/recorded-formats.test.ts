/** What the tools of the recorded host printed after two guests had booted, and what ours print on the same host. */
import { readFileSync } from "node:fs";
import { beforeAll, describe, expect, test } from "vitest";
import type { Lab } from "../../src/lab/index.ts";
import { judges } from "../kit/fidelity.ts";
import { labUp, planOf, type } from "../kit/lab.ts";
import { RECORDED_HOST } from "./recorded-lab.ts";

judges("xen formats");

const FOLDER = new URL("../fixtures/xen-4.17/bridge/00-setup-and-boot/", import.meta.url);
const dump = readFileSync(new URL("04-g1-g2-ready.txt", FOLDER), "utf8");

/** The part of the dump under "$ NAME". */
function section(name: string): string {
  const parts = dump
    .split(/^\$ /m)
    .map((part) => [part.slice(0, part.indexOf("\n")), part.slice(part.indexOf("\n") + 1)]);
  return parts.find(([head]) => head === name)![1]!.replace(/\n+$/, "\n");
}

/** Lines of IPv6, which is not modelled: its addresses, and the multicast groups its stack and IGMP's joined. */
const withoutIpv6 = (text: string): string =>
  text
    .replaceAll(/ {4}inet6 .*\n.*valid_lft.*\n/g, "")
    .replaceAll(/^33:33:.*\n/gm, "")
    .replaceAll(/^01:00:5e:.*\n/gm, "");

/** The recorded Debian has fq_codel as its default qdisc; ours is pfifo everywhere. */
const withOurQdisc = (text: string): string => text.replaceAll("qdisc fq_codel", "qdisc pfifo");
const masked = (text: string, pattern: RegExp): string =>
  text.replaceAll(pattern, (found) => found.replaceAll(/[0-9a-f]/g, "#"));

const AGE = / +\d+\.\d\d$/gm;
const GC_TIMER = /gc timer\t\t +[\d.]+/g;
const CPU_SECONDS = / +\d+\.\d$/gm;
const UUID = /^[0-9a-f]{8}-[0-9a-f-]+/gm;

let lab: Lab;
const said = (line: string): string => type(lab, "xen1", line).stdout;

beforeAll(() => {
  lab = labUp(planOf(RECORDED_HOST));
  type(lab, "xen1", "ping -c1 192.168.1.1");
  type(lab, "g1", "ping -c1 192.168.1.1");
  type(lab, "g2", "ping -c1 192.168.1.1");
});

describe("tools print what the recorded host's printed", () => {
  test("ip -br link", () => expect(said("ip -br link")).toBe(section("ip -br link")));
  test("ip addr", () => expect(said("ip addr")).toBe(withOurQdisc(withoutIpv6(section("ip addr")))));
  test("ip route", () => expect(said("ip route")).toBe(section("ip route")));
  test("brctl show", () => expect(said("brctl show")).toBe(section("brctl show")));
  test("bridge -d link", () => expect(said("bridge -d link")).toBe(section("bridge -d link")));
  test("bridge fdb show", () =>
    expect(withoutIpv6(said("bridge fdb show"))).toBe(withoutIpv6(section("bridge fdb show"))));
  test("xl list", () =>
    expect(masked(said("xl list"), CPU_SECONDS).replaceAll(/ +#/g, " #")).toBe(
      masked(section("xl list"), CPU_SECONDS).replaceAll(/ +#+/g, " #").replaceAll(/#+\.#/g, "#.#"),
    ));
  test("xl vm-list", () => expect(masked(said("xl vm-list"), UUID)).toBe(masked(section("xl vm-list"), UUID)));

  test("brctl showmacs and showstp, but for ages and the gc timer", () => {
    const recorded = section("brctl showmacs/showstp").replace("# xenbr0\n", "");
    const ours = said("brctl showmacs xenbr0; brctl showstp xenbr0");
    const plain = (text: string): string => text.replaceAll(GC_TIMER, "gc timer").replaceAll(AGE, " age").trimEnd();
    expect(plain(ours)).toBe(plain(recorded));
  });

  test("xl network-list", () => {
    const recorded = readFileSync(new URL("xl-network-list.txt", FOLDER), "utf8");
    expect(said("xl network-list g1; xl network-list g2")).toBe(recorded);
  });

  test("dmesg, from the first port to the last guest", () => {
    const recorded = readFileSync(new URL("dmesg-net.txt", FOLDER), "utf8");
    const sentences = (text: string): string[] =>
      text
        .split("\n")
        .filter((line) => /port \d|promiscuous|vif|becomes ready|Link is Up/.test(line))
        .map((line) => line.replace(/^\[ *[\d.]+\] /, ""));
    // Who was quicker, the NIC's link or the guests, is a matter of time, and times of the recording mean nothing.
    const about = (name: string, lines: readonly string[]): string[] => lines.filter((line) => line.includes(name));
    const [ours, theirs] = [sentences(said("dmesg")), sentences(recorded)];
    for (const name of ["eth0", "vif1.0", "vif2.0", "xenbr0: link"])
      expect(about(name, ours), name).toEqual(about(name, theirs));
    expect(ours).toHaveLength(theirs.length);
  });
});
