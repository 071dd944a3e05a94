/** Several admins at once: whatever crosses whatever, nothing crashes, and the host can be cleaned up. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { ms, seconds } from "../../../src/engine/time.ts";
import { Dom0 } from "../xen-dom0.ts";

const LINES = [
  "xl create g1.cfg",
  "xl create g2.cfg",
  "xl create -p g1.cfg",
  "xl destroy g1",
  "xl destroy g2",
  "xl destroy 1",
  "xl pause g1",
  "xl unpause g1",
  "xl network-attach g1 bridge=xenbr0",
  "xl network-attach g1 bridge=nobr0",
  "xl network-detach g1 0",
  "xl network-detach g1 1",
  "xl list -l",
  "ip link set xenbr0 down; brctl delbr xenbr0",
  "xenstore-rm /local/domain/1/device/vif/0",
  "xenstore-rm /local/domain/0/backend/vif",
  "xenstore-write /local/domain/0/backend/vif/1/0/state 5",
  "killall xl; kill -9 $!",
];

const script = fc.array(fc.tuple(fc.constantFrom(...LINES), fc.integer({ min: 0, max: 150 })), { maxLength: 14 });

test("commands at any moment of other commands", () => {
  fc.assert(
    fc.property(script, (steps) => {
      const dom0 = new Dom0();
      for (const [line, pause] of steps) {
        dom0.machine.run(line);
        dom0.wait(ms(pause));
      }
      dom0.wait(seconds(60));
      for (const { id } of dom0.xen.hypervisor.domains) if (id > 0) dom0.type(`xl destroy ${id}`);
      dom0.wait(seconds(1));
      expect(dom0.xen.hypervisor.domains.map(({ id }) => id)).toEqual([0]);
      expect(dom0.machine.processes.size).toBe(0);
      expect(dom0.machine.table.devices.map(({ name }) => name).filter((name) => name.startsWith("vif"))).toEqual([]);
    }),
    { numRuns: 150 },
  );
});
