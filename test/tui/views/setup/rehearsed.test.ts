/** What the Setup view makes of a rehearsal: `ip link` in fewer words, the wiring, the list, the headings. Without a screen. */
import { describe, expect, test } from "vitest";
import { groupSteps, type HostState, Rehearsal, type RehearsedStep } from "../../../../src/lab/index.ts";
import { unusedEnds } from "../../../../src/tui/parts/pairs-of-devices.ts";
import { headingState } from "../../../../src/tui/views/setup/headings.ts";
import { changedLinks, linkPairs, linkRows, linksOf } from "../../../../src/tui/views/setup/ip-link.ts";
import { setupLayout } from "../../../../src/tui/views/setup/layout.ts";
import { rowsOf, topRow } from "../../../../src/tui/views/setup/list.ts";
import { foundBy, indexOf, shownSteps } from "../../../../src/tui/views/setup/state.ts";
import { wiringOf } from "../../../../src/tui/views/setup/wiring.ts";
import { planOfFile } from "../../../kit/lab.ts";

const plan = planOfFile("bridge.yaml");
const rehearsal = new Rehearsal(plan, plan.hosts[0]!, { probe: false }).complete();
const { steps } = rehearsal;
const stepOf = (run: string): RehearsedStep => steps.find((step) => step.run === run)!;
const end = steps.at(-1)!.after;

describe("ip link", () => {
  const link = (state: HostState, name: string) => linksOf(state).find((each) => each.name === name)!;

  test("keeps flags, mtu, state, address and master, and has the inet lines of ip addr", () => {
    expect(linkRows(link(end, "peth0"), true)).toEqual([
      "2: peth0: <BROADCAST,NOARP,UP,LOWER_UP> mtu 1500 state UP",
      "    link/ether fe:ff:ff:ff:ff:ff master xenbr0",
    ]);
    expect(linkRows(link(end, "eth0"), false)).toEqual([
      "4: eth0: <MULTICAST,UP,LOWER_UP>",
      "  mtu 1500 state UNKNOWN",
      "  link/ether 00:1e:c9:4a:11:22",
      "    inet 192.168.1.10/24",
    ]);
  });

  test("has every line that ip link has", () => {
    for (const { after } of steps) expect(linksOf(after)).toHaveLength(after.text.link.match(/^\d+: /gm)!.length);
  });

  test("says of each step which devices differ, and of a rename that it is the same device", () => {
    const rename = stepOf("ip link set eth0 name peth0");
    const before = linksOf(foundBy(rehearsal, rename.number));
    const after = linksOf(rename.after);
    expect(changedLinks(before, after)).toBe(1);
    const changed = linkPairs(before, after, { wide: false, differs: true, room: 5, unused: new Set() });
    expect(changed[0]).toMatchObject({ before: "2: eth0: <MULTICAST>", after: "2: peth0: <MULTICAST>", changed: true });
  });

  test("is as full as there is room for", () => {
    const links = linksOf(end);
    const unused = unusedEnds(end.host.dom0.devices);
    const rows = (room: number): number => linkPairs(links, links, { wide: true, differs: false, room, unused }).length;
    expect(rows(100)).toBe(2 * 13 + 2);
    expect(rows(18)).toBe(2 * 7 + 2 + 1);
    expect(rows(10)).toBe(8);
  });
});

describe("the wiring", () => {
  test("is what brctl show says, with eth0 at the far end of vif0.0", () => {
    const { rows, bridges, unusedPairs } = wiringOf(end.host);
    expect(rows.map(({ from, device, master }) => `${from} - ${device} - ${master}`)).toEqual([
      "lan - peth0 - xenbr0",
      "eth0 192.168.1.10 - vif0.0 - xenbr0",
      "web1 eth0 - vif1.0 - xenbr0",
      "web2 eth0 - vif2.0 - xenbr0",
    ]);
    expect(bridges).toEqual([{ name: "xenbr0", up: true, addresses: [] }]);
    expect(unusedPairs).toBe(3);
  });

  test("has no pair that nobody uses", () => {
    const { rows, unusedPairs } = wiringOf(rehearsal.before.host);
    expect(rows.map(({ device }) => device)).toEqual(["eth0"]);
    expect(unusedPairs).toBe(4);
  });
});

describe("the list", () => {
  test("names each script once, with the guest it runs for", () => {
    const heads = rowsOf(shownSteps(steps, false)).flatMap((row) => (row.kind === "script" ? [row.text] : []));
    expect(heads).toEqual([
      "as the host boots",
      "network-bridge start",
      "vif-bridge online vif1.0 for web1",
      "vif-bridge online vif2.0 for web2",
    ]);
  });

  test("has the step in sight, whatever its height", () => {
    const rows = rowsOf(steps);
    for (const height of [1, 5, 14, 200])
      for (const step of steps) {
        const at = rows.findIndex((row) => row.kind === "step" && row.step === step);
        const top = topRow(rows, step, height);
        expect(at >= top && at < top + height).toBe(true);
      }
  });

  test("without the lines that only look stands at the last one shown before", () => {
    const shown = shownSteps(steps, false);
    expect(shown[indexOf(shown, 5)]!.run).toBe("ifup eth0");
    expect(indexOf(shown, 0)).toBe(0);
    expect(indexOf([], 3)).toBe(0);
  });
});

test("headings are done when all their steps are", () => {
  const headings = groupSteps([], "bridge").flatMap(({ heading }) => heading ?? []);
  const states = (run: string): string[] => headings.map((each) => headingState(each, steps, stepOf(run)));
  expect(states("ip link set eth0 name peth0").slice(0, 8)).toEqual([
    "done",
    "done",
    "begun",
    "here",
    "to come",
    "to come",
    "to come",
    "begun",
  ]);
  expect(headings.map((each) => headingState(each, steps, steps.at(-1)!))).toEqual(headings.map(() => "done"));
  expect(headingState(headings[0]!, [], steps[0]!)).toBe("not in this set-up");
});

test("no part of the view reaches over another or beyond the body, at any size", () => {
  for (let width = 60; width <= 240; width += 5)
    for (let height = 14; height <= 68; height++) {
      const { wide: _, ...parts } = setupLayout(width, height);
      const areas = Object.values(parts).filter((area) => area.width > 0 && area.height > 0);
      for (const [index, a] of areas.entries()) {
        expect(a.x + a.width <= width && a.y + a.height <= height, `inside ${width}x${height}`).toBe(true);
        for (const b of areas.slice(index + 1)) {
          const isApart =
            a.x + a.width <= b.x || b.x + b.width <= a.x || a.y + a.height <= b.y || b.y + b.height <= a.y;
          expect(isApart, `${width}x${height}`).toBe(true);
        }
      }
    }
});
