/** A case in the emulator: src/stack and src/device, set up by the machine's own commands. */
import { fromHex, toHex } from "../../../src/base/bytes.ts";
import type { Point, Tap } from "../../../src/device/point.ts";
import { copyGraph } from "../../../src/engine/copy.ts";
import { type Nanos, us } from "../../../src/engine/time.ts";
import type { Machine } from "../../../src/machine/machine.ts";
import type { Frame } from "../../../src/packet/frame.ts";
import { withLoopback } from "../../machine/command/twin.ts";
import { typed } from "../../machine/on-machine.ts";
import { type Case, FAILED, isLine, OK, type Outcome, type Step } from "./case.ts";
import { BEFORE, CABLES, FAR_MTU, SETTLED } from "./ground.ts";

/** In a real kernel all that a step brings at once takes no longer. */
const AT_ONCE = us(200);

class Ears implements Tap {
  readonly heard: string[] = [];
  private readonly near = new Map(CABLES.map(({ near, far }) => [far, near]));

  seen(frame: Frame, point: Point): void {
    this.heard.push(`${this.near.get(point.owner)!} ${toHex(frame.bytes, frame.at, frame.end)}`);
  }
}

export class EmulatedWorld {
  readonly machine: Machine = withLoopback();
  private readonly ears = new Ears();

  constructor() {
    // A kernel's modules are loaded for all namespaces: br_netfilter, and nf_conntrack by the first rule that wants it.
    this.machine.net.netfilter.bridgeCall.load();
    this.must(...["A", "D"].map((verb) => `iptables -${verb} FORWARD -m conntrack --ctstate NEW`));
    this.must(...BEFORE);
    for (const { near, mac, far } of CABLES)
      this.must(
        `ip link add ${near} address ${mac} type veth peer name ${far}`,
        `ip link set ${far} arp off mtu ${FAR_MTU} up`,
      );
    this.must(...SETTLED);
    // The far ends are nobody's: what comes out there is heard and no more.
    for (const { far } of CABLES) {
      const device = this.machine.table.find(far)!;
      device.upper = null;
      device.rx.taps.add(this.ears);
    }
    this.settle();
  }

  take(step: Step): string[] {
    this.ears.heard.length = 0;
    if (isLine(step)) {
      const code = typed(this.machine, step.run).code;
      this.settle();
      return [code === 0 ? OK : FAILED, ...this.ears.heard];
    }
    const { far } = CABLES.find(({ near }) => near === step.on)!;
    this.machine.table.find(far)!.transmit(this.machine.world.frames.from(fromHex(step.frame)));
    this.settle();
    return [...this.ears.heard];
  }

  private must(...lines: readonly string[]): void {
    for (const line of lines) {
      const { code, err } = typed(this.machine, line);
      if (code !== 0) throw new Error(`${line}: ${err}`);
    }
  }

  private settle(): void {
    const { scheduler } = this.machine.world;
    scheduler.runUntil((scheduler.now + AT_ONCE) as Nanos);
  }
}

let fresh: EmulatedWorld | null = null;

export function inEmulator({ steps }: Case): Outcome {
  fresh ??= new EmulatedWorld();
  // A tenth of what it costs to make one.
  const world = copyGraph(fresh);
  return steps.map((step) => world.take(step));
}
