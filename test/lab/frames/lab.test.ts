import { expect, it } from "vitest";
import { copyLab, type Lab } from "../../../src/lab/index.ts";
import { labUp, pass, planOfFile, type } from "../../kit/lab.ts";

const records = ({ frames }: Lab) =>
  Array.from({ length: frames!.end - frames!.first }, (_, i) => frames!.record(frames!.first + i)!);

it("the log of a lab has what its trace has, frame for frame", () => {
  const lab = labUp(planOfFile("bridge-xl.yaml"), { frames: true, trace: true });
  type(lab, "web1", "ping -c 2 -s 3000 192.168.1.1; ping -c 1 192.168.1.77");
  const seen = lab.trace!.take();
  expect(seen.length).toBeGreaterThan(80);
  expect(
    records(lab).map((record) => [record.time, record.point, record.direction, record.frame, record.fate]),
  ).toEqual(seen.map(({ time, point, direction, frame, fate }) => [time, point, direction, frame, fate]));
});

it("a copied lab goes on with a log of its own, and comes to the same", () => {
  const lab = labUp(planOfFile("bridge-xl.yaml"), { frames: true });
  const twin = copyLab(lab);
  const before = lab.frames!.end;
  type(twin, "web1", "ping -c 1 192.168.1.102");
  expect(lab.frames!.end).toBe(before);
  type(lab, "web1", "ping -c 1 192.168.1.102");
  expect(pass(lab, 1) && pass(twin, 1)).toBe(true);
  expect(lab.frames!.end).toBeGreaterThan(before + 10);
  expect(records(twin)).toEqual(records(lab));
});

it("without the option there is no log", () => {
  expect(labUp(planOfFile("bridge-xl.yaml")).frames).toBeNull();
});
