/** Whatever arrives, from a guest or from the wire: no crash, and every frame has a fate. */
import { describe, expect, test } from "vitest";
import type { NetDevice } from "../../src/device/device.ts";
import { Random } from "../../src/engine/random.ts";
import type { Nanos } from "../../src/engine/time.ts";
import { readCapture } from "../../src/lab/capture/reader.ts";
import type { Lab } from "../../src/lab/index.ts";
import { labUp, planOfFile, type } from "../kit/lab.ts";
import { expectLedger } from "../kit/ledger.ts";

const FRAMES = 50_000;
const BATCH = 16;

/** Real frames of this very lab, to mutate: they reach deeper than noise does. */
function seeds(): Uint8Array[] {
  const lab = labUp(planOfFile("bridge-xl.yaml"), { capture: { format: "pcapng", merged: false } });
  type(
    lab,
    "web1",
    "ping -c2 192.168.1.1; ping -c1 -s 4000 192.168.1.102; arping -c1 -I eth0 192.168.1.10; echo x | nc -u -w1 192.168.1.1 7; ping -c1 -t1 8.8.8.8",
  );
  return lab.captures!.list.flatMap((file) => readCapture(file.take()).packets.map(({ bytes }) => bytes.slice()));
}

class Mutator {
  private readonly random: Random;
  private readonly seeds: readonly Uint8Array[];

  constructor(seed: number, seeds: readonly Uint8Array[]) {
    this.random = new Random(seed, "fuzz");
    this.seeds = seeds;
  }

  next(): Uint8Array {
    if (this.random.chance(0.2))
      return Uint8Array.from({ length: this.random.below(1600) }, () => this.random.below(256));
    const frame = this.seeds[this.random.below(this.seeds.length)]!.slice();
    for (let i = this.random.below(6); i > 0; i--) frame[this.random.below(frame.length)] = this.random.below(256);
    // Headers matter more than payload.
    if (this.random.chance(0.5))
      frame[this.random.below(Math.min(44, frame.length))] = [0, 1, 0x45, 0x46, 0x7f, 0x80, 0xff][
        this.random.below(7)
      ]!;
    if (this.random.chance(0.1)) return frame.slice(0, this.random.below(frame.length + 1));
    return this.random.chance(0.05) ? Uint8Array.from([...frame, ...frame]).slice(0, 3000) : frame;
  }
}

function inject(lab: Lab, device: NetDevice, seed: number): void {
  const mutator = new Mutator(seed, seeds());
  const { frames, scheduler } = lab.world;
  for (let sent = 0; sent < FRAMES; sent += BATCH) {
    for (let i = 0; i < BATCH; i++) device.transmit(frames.from(mutator.next()));
    scheduler.runUntil((scheduler.now + 100_000) as Nanos);
    if (sent % (BATCH * 256) === 0) expectLedger(lab);
  }
  lab.runUntil((lab.now + 120e9) as Nanos);
}

describe(`${2 * FRAMES} random and mutated frames`, () => {
  test.each([
    ["into a vif, from the guest", "web1", "eth0"],
    ["into the wire, from outside", "outside", "eth0"],
  ])("%s: no crash, every one has a fate, and the lab still works", (_name, machine, device) => {
    const lab = labUp(planOfFile("bridge-xl.yaml"));
    inject(lab, lab.machine(machine).table.find(device)!, 11);
    expect(lab.inFlight).toBe(0);
    expect(lab.fates.reduce((sum, fate) => sum + fate.frames, 0)).toBeGreaterThan(FRAMES);
    expect(lab.fates.length).toBeGreaterThan(10);
    expect(type(lab, "web2", "ping -c1 192.168.1.10").code).toBe(0);
  });
});
