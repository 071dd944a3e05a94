/** A machine at one instant: domain 0, a guest or an outside box. */
import { isShown } from "../../machine/command/ip/neigh.ts";
import type { Machine } from "../../machine/machine.ts";
import { daemonOf, portOf, SERVICES } from "../topology/service-names.ts";
import { type DeviceSnapshot, deviceSnapshot } from "./device-snapshot.ts";
import type { LabState } from "./lab-state.ts";

export interface MachineSnapshot {
  readonly name: string;
  readonly hostname: string;
  /** Its set-up has run to the end. */
  readonly ready: boolean;
  readonly paused: boolean;
  /** In order of index, as `ip link` lists them. */
  readonly devices: readonly DeviceSnapshot[];
  /** Lines of `ip route` and of `ip neigh`. */
  readonly routes: number;
  readonly neighbours: number;
  /** net.ipv4.ip_forward */
  readonly ipForward: boolean;
  /** Services of the topology's list whose daemon runs now. */
  readonly services: readonly string[];
}

export function machineSnapshot(machine: Machine, lab: LabState): MachineSnapshot {
  const { net } = machine;
  return {
    name: machine.name,
    hostname: machine.hostname,
    ready: lab.isReady(machine.name),
    paused: machine.paused,
    devices: machine.table.devices.map((device) => deviceSnapshot(device, machine, lab.wiring)),
    routes: net.fib.main.size,
    neighbours: net.neighbours.list().filter(isShown).length,
    ipForward: net.settings.ipv4.ip_forward !== 0,
    services: runningServices(machine),
  };
}

function runningServices(machine: Machine): string[] {
  const running = new Set([...machine.processes.values()].map((process) => process.name));
  const ports = new Set(machine.net.udp.list().map((socket) => socket.localPort));
  return SERVICES.filter((service) => running.has(daemonOf(service)) && ports.has(portOf(service)));
}
