/** `ip monitor`: what it prints while other commands change things, and that it leaves no trace when it ends. */
import { describe, expect, it } from "vitest";
import { copyGraph } from "../../../../src/engine/copy.ts";
import type { Process } from "../../../../src/machine/process.ts";
import { EmulatedBox } from "../twin.ts";

function monitored(options: string, ...lines: string[]): { text: string; box: EmulatedBox; monitor: Process } {
  const box = new EmulatedBox();
  for (const line of ["ip link add v0 type veth peer name v1", "ip link set v1 up", "ip link set v0 up"]) box.run(line);
  const monitor = box.machine.spawn(`ip ${options}`.split(" "));
  box.wait();
  for (const line of lines) expect({ line, code: box.run(line).code }).toEqual({ line, code: 0 });
  return { text: monitor.console!.text(), box, monitor };
}

describe("ip monitor", () => {
  it("labels what it prints when all is asked for", () => {
    const { text } = monitored(
      "monitor all",
      "ip addr add 10.0.0.1/24 brd + dev v0",
      "ip neigh add 10.0.0.2 lladdr 00:16:3e:00:00:02 dev v0",
    );
    expect(text).toBe(
      `[ADDR]2: v0    inet 10.0.0.1/24 brd 10.0.0.255 scope global v0
       valid_lft forever preferred_lft forever
[ROUTE]local 10.0.0.1 dev v0 table local proto kernel scope host src 10.0.0.1 
[ROUTE]broadcast 10.0.0.255 dev v0 table local proto kernel scope link src 10.0.0.1 
[ROUTE]10.0.0.0/24 dev v0 proto kernel scope link src 10.0.0.1 
[NEIGH]10.0.0.2 dev v0 lladdr 00:16:3e:00:00:02 PERMANENT 
`.replaceAll("2: v0 ", "3: v0 "),
    );
  });

  it("prints links without queue length and mode, and what is gone as deleted", () => {
    const { text } = monitored(
      "monitor link",
      "ip link set v0 mtu 1400",
      "ip route add 10.9.0.0/16 dev v0",
      "ip link del v0",
    );
    const [first, second] = text.split("\n");
    expect(first).toBe("3: v0@v1: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1400 qdisc noqueue state UP group default ");
    expect(second).toMatch(/^ {4}link\/ether .* brd ff:ff:ff:ff:ff:ff$/);
    expect(text).toContain("\nDeleted 3: v0");
    expect(text).toContain("\nDeleted 2: v1");
    expect(text).not.toContain("10.9.0.0");
  });

  it("prints only what it was asked for, of one device", () => {
    const lines = [
      "ip addr add 10.0.0.1/24 dev v0",
      "ip addr add 10.0.1.1/24 dev v1",
      "ip route add 10.9.0.0/16 dev v0",
      "ip route del 10.9.0.0/16",
    ];
    expect(monitored("-o monitor addr dev v1", ...lines).text).toBe(
      "2: v1    inet 10.0.1.1/24 scope global v1\\       valid_lft forever preferred_lft forever\n",
    );
    const { text } = monitored("monitor route dev v0", ...lines);
    expect(text).toContain("10.9.0.0/16 dev v0 scope link \nDeleted 10.9.0.0/16 dev v0 scope link \n");
    expect(text).not.toContain("10.0.1");
  });

  it("stamps lines with virtual time", () => {
    const { text } = monitored("-ts monitor neigh", "ip neigh add 10.0.0.2 lladdr 00:16:3e:00:00:02 dev v0");
    expect(text).toMatch(/^\[2024-01-01T00:00:01\.\d{6}\] 10\.0\.0\.2 dev v0 lladdr 00:16:3e:00:00:02 PERMANENT \n$/);
  });

  it("stops listening when it is killed", () => {
    const { box, monitor } = monitored("monitor");
    const listeners = box.machine.table.watchers.listeners!.length;
    monitor.signal("TERM");
    box.wait();
    expect(monitor.exitCode).toBe(143);
    expect(box.machine.table.watchers.listeners).toHaveLength(listeners - 1);
    expect(box.machine.net.watchers.listeners).toBeNull();
  });

  it("can be copied while it runs, and both go on alike (P8)", () => {
    const { box, monitor } = monitored("monitor all");
    const copy = copyGraph({ box, monitor });
    for (const each of [box, copy.box]) each.run("ip addr add 10.0.0.1/24 dev v0");
    expect(copy.monitor.console!.text()).toBe(monitor.console!.text());
    expect(monitor.console!.text()).toContain("[ADDR]");
  });
});
