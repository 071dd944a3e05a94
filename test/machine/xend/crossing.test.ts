/** Several admins at once: whatever crosses whatever, nothing crashes, and the host can be cleaned up. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { ms, seconds } from "../../../src/engine/time.ts";
import { XEND_3_0, XEND_3_1, XEND_4_2 } from "../../../src/machine/xend/era.ts";
import { XendDom0 } from "../xend-dom0.ts";

const LINES = [
  "xm create web1",
  "xm create db1",
  "xm create -p web1",
  "xm destroy web1",
  "xm destroy db1",
  "xm destroy 1",
  "xm pause web1",
  "xm unpause web1",
  "xm shutdown web1",
  "xm reboot web1",
  "xm reboot -w db1",
  "xm network-attach web1 bridge=xenbr0",
  "xm network-attach web1 bridge=nobr0",
  "xm network-detach web1 0",
  "xm network-detach web1 1 -f",
  "xm list",
  "ip link set xenbr0 down; brctl delbr xenbr0",
  "xenstore-rm /local/domain/1/device/vif/0",
  "xenstore-rm /local/domain/0/backend/vif",
  "xenstore-write /local/domain/0/backend/vif/1/0/state 5",
  "kill $!",
];

const script = fc.array(fc.tuple(fc.constantFrom(...LINES), fc.integer({ min: 0, max: 400 })), { maxLength: 14 });
const eras = fc.constantFrom(XEND_3_0, XEND_3_1, XEND_4_2);

test("commands at any moment of other commands", () => {
  fc.assert(
    fc.property(eras, script, (era, steps) => {
      const dom0 = new XendDom0(era);
      for (const [line, pause] of steps) {
        dom0.machine.run(line);
        dom0.wait(ms(pause));
      }
      dom0.wait(seconds(120));
      for (const { id } of dom0.xen.hypervisor.domains) if (id > 0) dom0.type(`xm destroy ${id}`);
      dom0.wait(seconds(2));
      expect(dom0.xen.hypervisor.domains.map(({ id }) => id)).toEqual([0]);
      expect([...dom0.machine.processes.values()].map(({ name }) => name)).toEqual(["/sbin/udevd", "python"]);
      expect(dom0.machine.table.devices.map(({ name }) => name).filter((name) => name.startsWith("vif"))).toEqual([]);
    }),
    { numRuns: 100 },
  );
});
