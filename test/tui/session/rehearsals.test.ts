/** Set-ups are rehearsed in slices: begun when asked for, a few steps a turn, turn and turn about with a lab that runs. */
import { expect, test } from "vitest";
import { planOfFile } from "../../kit/lab.ts";
import { Watch } from "../kit/watch.ts";

const watched = (): Watch => {
  const watch = new Watch({ plan: planOfFile("bridge.yaml") });
  watch.tick = 3;
  return watch;
};

test("nothing is rehearsed before somebody asks, and no host that is not there", () => {
  const { session } = watched();
  session.rehearsals.want("nobody");
  expect(session.isBusy).toBe(false);
  expect(session.rehearsals.of("xen1")).toBeNull();
});

test("a turn ends when its time is over; turn after turn it gets done", () => {
  const watch = watched();
  const { rehearsals } = watch.session;
  rehearsals.want("xen1");
  expect(watch.turn()).toBe(0);
  const first = rehearsals.of("xen1")!;
  expect(first.steps.length).toBeLessThan(5);
  for (let turn = 0; rehearsals.isBusy && turn < 200; turn++) watch.turn();
  expect(first.done).toBe(true);
  expect(rehearsals.of("xen1")).toBe(first);
  rehearsals.want("xen1");
  expect(rehearsals.isBusy, "done once is done").toBe(false);
  expect(watch.place).toEqual([0, 0]);
});

test("a lab that runs has every second turn", () => {
  const watch = watched();
  watch.session.toggle(watch.clock);
  watch.session.rehearsals.want("xen1");
  watch.clock += 100;
  watch.turn();
  const [executed, steps] = [watch.place[1], watch.session.rehearsals.of("xen1")!.steps.length];
  watch.turn();
  expect(watch.place[1]).toBeGreaterThan(executed);
  expect(watch.session.rehearsals.of("xen1")!.steps.length).toBe(steps);
  watch.turn();
  expect(watch.session.rehearsals.of("xen1")!.steps.length).toBeGreaterThan(steps);
});
