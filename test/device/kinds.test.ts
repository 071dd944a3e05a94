import { expect, it } from "vitest";
import { NetDevice } from "../../src/device/device.ts";
import { deviceKinds } from "../../src/device/kinds.ts";

it("every kind is a network device under a name of its own", () => {
  const names = deviceKinds.map((kind) => kind.name);
  expect(new Set(names).size).toBe(names.length);
  expect(deviceKinds.every((kind) => kind.device.prototype instanceof NetDevice)).toBe(true);
});
