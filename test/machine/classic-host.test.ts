/** A whole host of the 2.6.18 border with two guests on xenbr0: what their users see of its age. */
import { describe, expect, it } from "vitest";
import type { Tap } from "../../src/device/point.ts";
import { copyGraph } from "../../src/engine/copy.ts";
import { seconds } from "../../src/engine/time.ts";
import { describe as tell } from "../../src/packet/describe.ts";
import type { Frame } from "../../src/packet/frame.ts";
import { CLASSIC } from "../../src/xen/border-classic.ts";
import { expectBalanced } from "../kit/world.ts";
import { Dom0 } from "./xen-dom0.ts";

class Lines implements Tap {
  readonly lines: string[] = [];
  seen(frame: Frame): void {
    this.lines.push(tell(frame.bytes, frame.at, frame.end));
  }
}

function host(): Dom0 {
  const dom0 = new Dom0(true, CLASSIC);
  for (const [name, address] of [
    ["g1", "192.168.1.101/24"],
    ["g2", "192.168.1.102/24"],
  ] as const)
    dom0.xen.images.set(name, {
      hosts: "",
      setup: ["ip link set eth0 up", `ip addr add ${address} dev eth0`],
      onBoot: [],
    });
  return dom0;
}

function booted(): Dom0 {
  const dom0 = host();
  dom0.type("xl create g1.cfg");
  dom0.type("xl create g2.cfg");
  dom0.wait(seconds(5));
  return dom0;
}

const inGuest = (dom0: Dom0, id: number, line: string): string =>
  dom0.finish(dom0.xen.guests.get(id)!.machine.run(line)).out;

describe("a host whose kernel and guests are 2.6.18", () => {
  it("hears of a guest's address by an ARP reply that nobody asked for", () => {
    const dom0 = host();
    dom0.type("xl create -p g1.cfg");
    const tap = new Lines();
    dom0.machine.table.find("vif1.0")!.rx.taps.add(tap);
    dom0.type("xl unpause g1");
    dom0.wait(seconds(5));
    expect(tap.lines).toEqual(["ARP, Reply 192.168.1.101 is-at 00:16:3e:00:00:01, length 28"]);
    expect(dom0.type("bridge fdb show br xenbr0").out).toContain("00:16:3e:00:00:01 dev vif1.0");
  });

  it("forwards between its guests, and shows no debugfs of a netback that has none", () => {
    const dom0 = booted();
    expect(inGuest(dom0, 1, "ping -c 3 192.168.1.102")).toContain("3 packets transmitted, 3 received, 0% packet loss");
    expect(dom0.type("ls /sys/kernel/debug/xen-netback").out).toBe("");
    expect(dom0.type("ip link show vif1.0").out).toContain("qlen 32");
    expectBalanced(dom0.world);
  });

  it("can be copied in the middle of a ping: both go on alike (P8)", () => {
    const dom0 = booted();
    const process = dom0.xen.guests.get(1)!.machine.run("ping -c 5 -i 0.2 192.168.1.102");
    const pair = { dom0, process };
    dom0.wait(seconds(0.5));
    const twin = copyGraph(pair);
    const texts = [pair, twin].map((each) => {
      each.dom0.finish(each.process);
      each.dom0.wait(seconds(1));
      return `${each.process.console!.text("stdout")}\n${each.dom0.type("ip -s link; xenstore-ls; brctl showmacs xenbr0").out}`;
    });
    expect(texts[0]).toContain("5 received");
    expect(texts[1]).toBe(texts[0]);
  });
});
