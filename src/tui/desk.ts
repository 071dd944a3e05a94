/** What views may have done, done: each through the lab's own input methods, and each with a word in the footer. */
import { captureOf, complete, type Nanos } from "../lab/index.ts";
import type { Front } from "./front.ts";
import { plural } from "./parts/words.ts";
import type { Session } from "./session/session.ts";
import type { Desk, Intent, Look, ViewId } from "./views/view.ts";

export class FrontDesk implements Desk {
  private readonly front: Front;

  constructor(front: Front) {
    this.front = front;
  }

  private get session(): Session {
    return this.front.bench!.session;
  }

  say(text: string, kind?: "good" | "bad"): void {
    this.front.say(text, kind ?? "plain");
  }

  tell(text: (look: Look) => string): void {
    this.front.tell(text);
  }

  go(view: ViewId, intent?: Intent): void {
    this.front.show(view, intent);
  }

  run(machine: string, line: string): void {
    if (this.session.shells.transcript(machine)?.busy === true)
      return this.say(`${machine}'s shell runs something: ^C there ends it`, "bad");
    this.say(`${machine}# ${line}`);
    this.type(machine, line);
  }

  type(machine: string, line: string): void {
    if (!this.session.type(machine, line, this.front.host.now())) this.say(`${machine} is not running`, "bad");
  }

  paste(machine: string, lines: readonly string[]): void {
    this.session.paste(machine, lines, this.front.host.now());
  }

  interrupt(machine: string): void {
    this.session.interrupt(machine, this.front.host.now());
  }

  endInput(machine: string): void {
    this.session.endInput(machine, this.front.host.now());
  }

  clearShell(machine: string): void {
    this.session.shells.clear(machine);
  }

  openShell(machine: string): void {
    this.session.shells.front = machine;
    this.session.openShell(machine, this.front.host.now());
  }

  complete(machine: string, line: string, cursor: number): { from: number; candidates: readonly string[] } {
    const { lab } = this.session;
    const found = lab.find(machine);
    return found === null
      ? { from: cursor, candidates: [] }
      : complete(found, line, cursor, { machines: lab.machineNames });
  }

  plug(machine: string, device: string, plugged: boolean): void {
    const done = this.session.plug(machine, device, plugged);
    if (!done) this.say(`${machine}:${device} has no cable`, "bad");
    else this.say(`${machine}:${device}: cable ${plugged ? "plugged in" : "pulled"}`, "good");
  }

  capture(point: string, change: { readonly on?: boolean; readonly filter?: string | null }): boolean {
    const [machine = "", device = ""] = point.split(":");
    const answer = this.session.capture(machine, device, change);
    if (!answer.ok) this.say(answer.message, "bad");
    else if (change.on !== undefined) this.say(`${point}: capture ${change.on ? "on" : "off"}`, "good");
    else this.say(`${point}: ${change.filter == null ? "every frame" : `only ${change.filter}`}`, "good");
    return answer.ok;
  }

  togglePause(): void {
    this.session.toggle(this.front.host.now());
  }

  goTo(time: number): void {
    this.session.goTo(time as Nanos);
  }

  rehearse(host: string): void {
    this.session.rehearsals.want(host);
  }

  copy(text: string, what: string): void {
    this.front.host.copy(text);
    this.say(`copied ${what}: ${text}`, "good");
  }

  save(numbers: readonly number[]): string | null {
    const { lab, plan } = this.session;
    const records = numbers.map((number) => lab.frames!.record(number)).filter((each) => each !== null);
    if (records.length === 0) return this.refuse("no frames to save");
    try {
      const path = this.front.outside.save(plan, captureOf(lab, records));
      this.say(`${plural(records.length, "frame")} saved in ${path}`, "good");
      return path;
    } catch (error) {
      return this.refuse((error as Error).message);
    }
  }

  private refuse(why: string): null {
    this.say(why, "bad");
    return null;
  }

  openWith(program: "wireshark" | "tshark" | "termshark", path: string): void {
    const obstacle = this.front.outside.obstacleTo(program);
    if (obstacle === null) return this.front.host.openWith(program, path);
    const command = program === "wireshark" ? `wireshark ${path}` : `${program} -r ${path}`;
    this.front.host.copy(command);
    this.say(`${program} ${obstacle}; copied: ${command}`, "bad");
  }
}
