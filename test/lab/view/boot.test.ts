/** What a screen sees of bridge-xl from the first instant until it is up, and of the smallest lab there is. */
import { describe, expect, test } from "vitest";
import type { LabSnapshot } from "../../../src/lab/index.ts";
import { labUp, planOf } from "../../kit/lab.ts";
import { device, fresh, guest, states, vif } from "./look.ts";

describe("before anything is set up", () => {
  const view = fresh().snapshot();

  test("domain 0 has its NIC and nothing else, and nothing is up", () => {
    const [host] = view.hosts;
    expect([view.name, view.now, view.executed, view.settled]).toEqual(["bridge-xl", 0, 0, false]);
    expect([host!.name, host!.xen, host!.bridges]).toEqual(["xen1", "4.17", []]);
    expect(host!.dom0.devices.map(({ name, kind, state }) => [name, kind, state])).toEqual([
      ["lo", "loopback", "DOWN"],
      ["eth0", "nic", "DOWN"],
    ]);
    expect(device(view, "eth0")).toMatchObject({
      mac: "00:30:48:aa:bb:01",
      plugged: true,
      network: "lan",
      peer: null,
      queue: null,
    });
    expect(view.frames).toEqual({ made: 0, dropped: 0, inFlight: 0 });
  });

  test("guests are absent, with their vifs as planned", () => {
    const { guests } = view.hosts[0]!;
    expect(guests.map(({ name, domid, state, machine }) => [name, domid, state, machine])).toEqual([
      ["web1", null, "absent", null],
      ["web2", null, "absent", null],
    ]);
    expect(guests[1]!.vifs).toEqual([
      {
        name: null,
        handle: 0,
        guestDevice: "eth0",
        addresses: ["192.168.1.102/24"],
        bridge: "xenbr0",
        mac: "00:16:3e:00:00:02",
        backend: null,
        frontend: null,
        hotplugStatus: null,
        rate: null,
        transmit: null,
        receive: null,
        waitsForCredit: false,
        fifo: null,
      },
    ]);
  });

  test("the LAN is a switch with a cable to each machine, still without link", () => {
    expect(view.networks).toEqual([
      {
        name: "lan",
        kind: "switch",
        rate: 1e9,
        delay: 50_000,
        links: [
          { machine: "outside", device: "eth0", plugged: true, up: false },
          { machine: "xen1", device: "eth0", plugged: true, up: false },
        ],
      },
    ]);
    expect(view.machines.map(({ name, ready, services }) => [name, ready, services])).toEqual([["outside", false, []]]);
  });
});

describe("while it comes up", () => {
  test("web1 goes through the handshake of xenbus and its script", () => {
    const lab = fresh();
    const word = (view: LabSnapshot): string => {
      const { state } = guest(view, "web1");
      const { backend, frontend, hotplugStatus, transmit, receive } = vif(view, "web1");
      const rings =
        transmit === null || receive === null ? "no rings" : `rings to ${transmit.eventChannel.backendPort}`;
      return `${state}: ${backend}/${frontend}/${hotplugStatus}, ${rings}`;
    };
    expect(states(lab, word, () => lab.isReady("web1"))).toEqual([
      "absent: null/null/null, no rings",
      "created: null/null/null, no rings",
      "created: Initialising/Initialising/, no rings",
      "created: InitWait/Initialising/, no rings",
      "created: InitWait/Initialising/connected, no rings",
      "booting: InitWait/Initialising/connected, no rings",
      "booting: InitWait/Connected/connected, rings to null",
      "booting: InitWait/Connected/connected, rings to 8",
      "booting: Connected/Connected/connected, rings to 8",
      "running: Connected/Connected/connected, rings to 8",
    ]);
  });

  test("vif1.0 is a port before it carries anything, and forwards once the guest takes frames", () => {
    const lab = fresh();
    const word = (view: LabSnapshot): string => {
      const port = view.hosts[0]!.bridges[0]?.ports.find((each) => each.device === "vif1.0");
      const { name, fifo } = vif(view, "web1");
      const own = device(view, "vif1.0");
      return `${name} master ${own?.master} carrier ${own?.carrier} port ${port?.number} ${port?.state}, stalled ${fifo?.stalled}`;
    };
    expect(states(lab, word, () => lab.isReady("web1"))).toEqual([
      "null master undefined carrier undefined port undefined undefined, stalled undefined",
      "vif1.0 master null carrier false port undefined undefined, stalled undefined",
      "vif1.0 master xenbr0 carrier false port 2 disabled, stalled undefined",
      "vif1.0 master xenbr0 carrier false port 2 disabled, stalled true",
      "vif1.0 master xenbr0 carrier true port 2 forwarding, stalled false",
    ]);
  });

  test("the address is planned until the guest has a device, then what the guest has set", () => {
    const lab = fresh();
    const word = (view: LabSnapshot): string => {
      const inside = guest(view, "web1").machine?.devices.find(({ name }) => name === "eth0");
      return `${vif(view, "web1").addresses} ${inside?.addresses}`;
    };
    expect(states(lab, word, () => lab.isReady("web1"))).toEqual([
      "192.168.1.101/24 undefined",
      " ",
      "192.168.1.101/24 192.168.1.101/24",
    ]);
  });
});

test("a direct cable between two machines is a network with two links and no limit", () => {
  const nics = (network: string): string => `{ nics: { eth0: { network: ${network} } } }`;
  const text = `networks: { p2p: { kind: cable } }\nmachines: { one: ${nics("p2p")}, two: ${nics("p2p")} }\n`;
  const view = labUp(planOf(text)).snapshot();
  expect(view.hosts).toEqual([]);
  expect(view.networks).toEqual([
    {
      ...{ name: "p2p", kind: "cable", rate: null, delay: 0 },
      links: [
        { machine: "one", device: "eth0", plugged: true, up: true },
        { machine: "two", device: "eth0", plugged: true, up: true },
      ],
    },
  ]);
});
