/** What the keys of the Map do with the selected thing: each as a real command, or a cable in somebody's hand. */
import type { Desk, Look } from "../view.ts";
import { deviceOf, pointOf, type RowThing, type Thing } from "./things.ts";

export function actOn(action: string, thing: Thing, look: Look, desk: Desk): void {
  const device = deviceOf(thing);
  const machine = machineOf(thing);
  if (thing.kind === "row" && action === "copy") return desk.copy(thing.text, "row");
  if (thing.kind === "row" && action === "open") return showFrames(thing, desk);
  if (action === "shell") return desk.go("shell", { kind: "machine", name: machine });
  if (action === "ping") return ping(thing, look, desk);
  if (device === null) return desk.say(withoutDevice(thing), "bad");
  const point = pointOf(device);
  switch (action) {
    case "open":
      return desk.go("packets", { kind: "filter", text: `port == ${point}` });
    case "copy":
      return desk.copy(point, "name");
    case "capture":
      desk.capture(point, {
        on: look.captures.find((each) => `${each.machine}:${each.device}` === point)?.state !== "on",
      });
      return;
    case "link":
      if (device.plugged !== null) return desk.plug(device.machine, device.name, !device.plugged);
      return desk.run(device.machine, `ip link set ${device.name} ${device.up ? "down" : "up"}`);
  }
}

function machineOf(thing: Thing): string {
  if (thing.kind === "guest") return thing.guest.name;
  return thing.kind === "row" ? thing.machine : deviceOf(thing)!.machine;
}

const withoutDevice = (thing: Thing): string =>
  thing.kind === "row" ? `no device belongs to: ${thing.text}` : `${thing.id} is not there yet`;

function showFrames({ filter, text }: RowThing, desk: Desk): void {
  if (filter === null) return desk.say(`no filter tells the frames of: ${text}`, "bad");
  desk.go("packets", { kind: "filter", text: filter });
}

/** From the selected machine to somebody outside, or to another guest. */
function ping(thing: Thing, look: Look, desk: Desk): void {
  const from = machineOf(thing);
  if (thing.kind === "row" && thing.target !== null) return desk.run(from, `ping -c 3 ${thing.target}`);
  const { snapshot } = look;
  const addresses = [
    ...snapshot.machines.flatMap(({ name, devices }) =>
      devices.flatMap((each) => each.addresses.map((text) => ({ name, text }))),
    ),
    ...snapshot.hosts.flatMap(({ guests }) =>
      guests.flatMap(({ name, vifs }) => vifs.flatMap((vif) => vif.addresses.map((text) => ({ name, text })))),
    ),
  ].filter(({ name, text }) => name !== from && !text.startsWith("127."));
  const target = addresses[0]?.text.split("/")[0];
  if (target === undefined) return desk.say("nobody to ping", "bad");
  desk.run(from, `ping -c 3 ${target}`);
}
