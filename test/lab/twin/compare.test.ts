/** Two worlds that differ are told apart, whatever is normalised: each planted difference is found, and each chance is not. */
import { describe, expect, it } from "vitest";
import { compareWorlds, runEmulated, stageTwin, type TwinReport, type WorldRecord } from "../../../src/lab/index.ts";
import * as ipv4 from "../../../src/packet/ipv4.ts";
import { planOf } from "../../kit/lab.ts";

const staging = stageTwin(
  planOf(`
name: small
mode: bridge
guests: { web1: 192.168.1.11, web2: 192.168.1.12 }
scenario:
  - { at: 2s, on: web1, run: ping -c 2 192.168.1.12 }
  - { at: 5s, on: web1, run: ping -c 1 -W 1 192.168.1.77 }
`),
);
const world = runEmulated(staging);

type Frames = readonly Uint8Array[];

/** The same world but for the frames of one interface. */
function altered(change: (frames: Frames) => Frames, point = "xen1:vif1.0"): WorldRecord {
  const frames = new Map(world.frames);
  const { setUp, run } = frames.get(point)!;
  frames.set(point, { setUp, run: change(run.map((each) => each.slice())) });
  return { ...world, frames };
}

const differing = (report: TwinReport) =>
  report.rows.filter(({ difference }) => difference !== null).map(({ place, what }) => `${place} ${what}`);
const against = (other: WorldRecord) => compareWorlds(staging, world, other);

const LINK = 14;
const isPing = (frame: Uint8Array): boolean => frame[12] === 8 && frame[13] === 0;
const isRequest = (frame: Uint8Array): boolean => frame[12] === 8 && frame[13] === 6 && frame[21] === 1;
const atFirst = (matches: (frame: Uint8Array) => boolean, change: (frame: Uint8Array) => void) => (frames: Frames) => {
  change(frames.find(matches)!);
  return frames;
};

describe("a world beside itself", () => {
  it("is equal", () => {
    expect(differing(against(world))).toEqual([]);
  });

  it.each<[string, (frames: Frames) => Frames]>([
    ["a frame less", (frames) => frames.slice(0, -1)],
    ["a frame twice", (frames) => [...frames, frames.find(isPing)!]],
    ["two pings in another order", (frames) => frames.toSorted((a, b) => Number(isPing(b)) - Number(isPing(a)))],
    ["another TTL", atFirst(isPing, (frame) => frame.fill(63, LINK + 8, LINK + 9))],
    ["another destination MAC", atFirst(isPing, (frame) => frame.fill(0xee, 0, 1))],
    ["a wrong checksum", atFirst(isPing, (frame) => ipv4.setId(frame, LINK, ipv4.id(frame, LINK) ^ 1))],
    ["another byte of a ping's data", atFirst(isPing, (frame) => frame.fill(0, 70, 71))],
    ["ARP for another address", atFirst(isRequest, (frame) => frame.fill(99, 41, 42))],
    ["a question repeated once more", (frames) => [...frames, frames.findLast(isRequest)!]],
    ["a question repeated once less", (frames) => frames.filter((each) => each !== frames.findLast(isRequest))],
  ])("differs by %s", (_, change) => {
    expect(differing(against(altered(change))).join()).toMatch(/xen1:vif1\.0 (frames|ARP by timer)/);
  });

  it("does not differ by chance: an identification, a NIC's padding", () => {
    const other = altered((frames) =>
      frames.map((frame) => {
        const padded = new Uint8Array(Math.max(60, frame.length));
        padded.set(frame);
        if (!isPing(padded)) return padded;
        ipv4.setId(padded, LINK, ipv4.id(padded, LINK) ^ 0x5a5a);
        ipv4.fillChecksum(padded, LINK);
        return padded;
      }),
    );
    const report = against(other);
    expect(differing(report)).toEqual([]);
    expect(report.normalisations["padding"]!.hits).toBeGreaterThan(0);
    expect(report.normalisations["ip-id"]!.hits).toBeGreaterThan(0);
  });

  it("is not thrown off by an answer that comes between a question and its repetition", () => {
    const isLate = (frame: Uint8Array): boolean => isRequest(frame) && frame[41] === 77;
    const reply = world.frames.get("xen1:vif1.0")!.run.find((frame) => frame[13] === 6 && frame[21] === 2)!;
    const put = (frames: Frames, i: number): Frames => frames.toSpliced(i, 0, reply);
    const early = altered((frames) => put(frames, frames.findIndex(isLate)));
    const between = altered((frames) => put(frames, frames.findIndex(isLate) + 1));
    const counts = ({ rows }: TwinReport) =>
      rows.filter(({ place, what }) => place === "xen1:vif1.0" && what === "ARP by timer").map((row) => row.counts);
    expect(counts(compareWorlds(staging, early, between))).toEqual(counts(against(early)).map(([, n]) => [n, n]));
  });

  it("differs by a line of a look", () => {
    const states = { ...world.states, "at the end": new Map(world.states["at the end"]) };
    const looks = [...states["at the end"].get("xen1")!];
    looks[2] = looks[2]!.replace("192.168.1.0/24", "192.168.9.0/24");
    states["at the end"].set("xen1", looks);
    expect(differing(against({ ...world, states }))).toEqual(["xen1 ip route, at the end"]);
  });
});
