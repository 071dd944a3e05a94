/** Hundreds of guests on one host: each comes up as the first did, and what there is of it is its own. */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, test } from "vitest";
import { copyLab } from "../../src/lab/index.ts";
import { NatPath } from "../bench/nat.ts";
import { Path } from "../bench/path.ts";
import { raise } from "../bench/scale/lab.ts";

test.each(["debian", "upstream"] as const)(
  "120 guests on three bridges with the scripts of %s ping domain 0",
  (distro) => {
    const lab = raise({ bridges: 3, guests: 40, distro, pings: true });
    const dom0 = lab.machine("xen1");
    const rules = dom0.net.netfilter.table("filter").chain("FORWARD")?.rules.length ?? 0;
    expect(rules).toBe(distro === "debian" ? 0 : 240);
    const run = (where: string, line: string): string => {
      const process = lab.exec(where, line);
      while (!process.hasEnded && lab.world.scheduler.step());
      return process.console!.text("stdout");
    };
    expect(run("xen1", "xl list | grep -c 'g[0-2]-'")).toBe("120\n");
    expect(run("xen1", "brctl show xenbr1 | grep -c vif")).toBe("40\n");
    expect(run("xen1", "xenstore-ls -f /local/domain | grep -c 'console/tty = \"/dev/pts/'")).toBe("120\n");
    expect(run("g2-39", "cat /etc/hostname && tail -1 /etc/hosts")).toBe("g2-39\n10.2.1.39 g2-39\n");
    // From here on the copy goes its own way.
    const twin = copyLab(lab);
    run("g0-0", "echo mine > /etc/motd");
    run("xen1", "xl destroy g0-1");
    expect(twin.machine("g0-0").files.exists("/etc/motd")).toBe(false);
    expect([lab.find("g0-1"), twin.find("g0-1")?.name]).toEqual([null, "g0-1"]);
  },
);

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

/** Bytes that live on after each of the turns. */
function heapAfter(turns: number, work: () => void): number[] {
  return Array.from({ length: turns }, () => {
    work();
    collect();
    return process.memoryUsage().heapUsed;
  });
}

/** A number that is kept for each frame would be four times that. */
const SLACK = 0.4e6;
const FRAMES = 200_000;

test("200,000 frames leave nothing behind: through the bridge, and through MASQUERADE", { timeout: 300_000 }, () => {
  const path = new Path();
  const nat = new NatPath("conntrack and MASQUERADE", 200);
  for (const drive of [() => path.drive(FRAMES, 60, 8), () => nat.drive(FRAMES)]) {
    const [first, ...later] = heapAfter(3, drive);
    expect(Math.min(...later) - first!).toBeLessThan(SLACK);
  }
  expect(path.unaccounted).toBe(0);
});
