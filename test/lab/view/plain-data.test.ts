/** A snapshot is plain data: it stays as it was, and two labs in one state give the same. */
import { describe, expect, test } from "vitest";
import { ms } from "../../../src/engine/time.ts";
import { copyLab, type LabSnapshot } from "../../../src/lab/index.ts";
import { pass, type } from "../../kit/lab.ts";
import { fresh, states, up } from "./look.ts";

function freezeDeep<Value>(value: Value): Value {
  if (typeof value === "object" && value !== null) Object.values(Object.freeze(value)).forEach(freezeDeep);
  return value;
}

/** No class, no function, nothing shared with the lab: what JSON gives back is the whole of it. */
const asJson = (view: LabSnapshot): unknown => JSON.parse(JSON.stringify(view));

describe("a snapshot", () => {
  test("is plain data that nothing of the lab changes afterwards, and the lab needs nothing of it", () => {
    const lab = up();
    const pinging = lab.exec("web1", "ping -c 3 -i 0.01 192.168.1.102");
    pass(lab, 0.012);
    const view = freezeDeep(lab.snapshot());
    const before = asJson(view);
    expect(before).toEqual(view);
    lab.plug("xen1", "eth0", false);
    lab.signal(pinging, "INT");
    type(lab, "xen1", "xl destroy web2; brctl stp xenbr0 on; ip address add 10.0.0.1/8 dev xenbr0; xl pause web1");
    pass(lab, 5);
    expect(asJson(view)).toEqual(before);
    expect(asJson(lab.snapshot())).not.toEqual(before);
  });

  test("of a copied lab is equal, in the middle of the boot, under load, and when both have gone on", () => {
    const lab = fresh();
    for (const until of [ms(120), ms(431), ms(800)]) {
      lab.runUntil(until);
      if (until === ms(800)) lab.exec("web1", "ping -f -c 50 192.168.1.1");
      const copy = copyLab(lab);
      expect(copy.snapshot()).toEqual(lab.snapshot());
      for (const each of [lab, copy]) pass(each, 0.003);
      expect(copy.snapshot()).toEqual(lab.snapshot());
    }
    expect(lab.snapshot().frames.made).toBeGreaterThan(0);
  });

  test("does not disturb the lab", () => {
    const [watched, alone] = [fresh(), fresh()];
    states(
      watched,
      () => "",
      () => watched.settled,
    );
    alone.comeUp();
    expect(watched.snapshot()).toEqual(alone.snapshot());
  });
});
