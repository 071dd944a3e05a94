import { describe, expect, test } from "vitest";
import {
  compareTellings,
  groupSteps,
  Rehearsal,
  type RehearsedStep,
  type Telling,
  withTelling,
} from "../../../src/lab/index.ts";
import { planOf, planOfFile } from "../../kit/lab.ts";

const PLAN = planOfFile("bridge.yaml");
const eras = ["3.0", "3.1", "4.2", "4.17"] as const;

const host = (xen: string): string => `
networks: { lan: {} }
hosts:
  xen1:
    xen: "${xen}"
    nics: { eth0: { network: lan, mac: "00:1e:c9:4a:11:22", ip: 192.168.1.10/24, gateway: 192.168.1.1 } }
    domains:
      web1: { vif: "mac=00:16:3e:00:00:01,bridge=xenbr0", inside: { eth0: { ip: 192.168.1.11/24 } } }
machines:
  gw: { nics: { eth0: { network: lan, ip: 192.168.1.1/24 } } }
`;

const rehearse = (xen: string, telling: "script" | "textbook" = "script"): Rehearsal => {
  const plan = withTelling(planOf(host(xen)), telling);
  return new Rehearsal(plan, plan.hosts[0]!).complete();
};

describe("a rehearsal", () => {
  const rehearsal = new Rehearsal(PLAN, PLAN.hosts[0]!).complete();
  const at = (run: string): RehearsedStep => rehearsal.steps.find((step) => step.run === run)!;

  test("shows the host before and after a step", () => {
    const rename = at("ip link set eth0 name peth0");
    expect(rehearsal.found(rename.number).text.link).toMatch(/^2: eth0: /m);
    expect(rename.after.text.link).toMatch(/^2: peth0: /m);
    expect(rehearsal.before.text.brctl).toBe("bridge name\tbridge id\t\tSTP enabled\tinterfaces\n");
    expect(at("brctl addif xenbr0 vif0.0").after.text.brctl).toContain("\tvif0.0\n");
  });

  test("knows from which line on a ping gets no answer, and from which it does again", () => {
    const turns = rehearsal.steps.filter(
      (step) => step.after.probe!.answered !== rehearsal.found(step.number).probe!.answered,
    );
    expect(turns.map((step) => [step.run, step.after.probe!.answered])).toEqual([
      ["ifup eth0", true],
      ["ifdown eth0", false],
      ["ifup eth0", true],
    ]);
    expect(at("ifdown eth0").after.probe!.because).toEqual(["connect: Network is unreachable"]);
  });

  test("counts its steps in the order in which they are done, and says why of each", () => {
    expect(rehearsal.steps.map(({ number }) => number)).toEqual(rehearsal.steps.map((_, i) => i + 1));
    const ends = rehearsal.steps.map(({ ended }) => ended);
    expect(ends).toEqual([...ends].sort((a, b) => a - b));
    expect(rehearsal.steps.every(({ why }) => why.length > 10)).toBe(true);
  });

  test("a second one shows the same", () => {
    const again = new Rehearsal(PLAN, PLAN.hosts[0]!).complete();
    expect(again.steps).toEqual(rehearsal.steps);
  });
});

describe.each(eras)("the textbook on a host of Xen %s", (xen) => {
  const book = rehearse(xen, "textbook");

  test("runs: every heading has its commands, none fails, and the host ends reachable", () => {
    const groups = groupSteps(book.steps, "bridge").filter(({ heading }) => heading !== null);
    expect(groups.map(({ heading }) => heading!.title)).toEqual([
      "create virtual bridge xenbr0",
      "stop physical NIC eth0",
      "copy MAC and IP of eth0 to veth0",
      "rename eth0 to peth0",
      "rename veth0 to eth0",
      "peth0 gets MAC FE:FF:FF:FF:FF:FF and ARP off",
      "attach peth0 and vif0.0 to xenbr0",
      "bring up peth0, vif0.0, xenbr0",
      "attach vifX.0 to xenbr0",
      "bring vifX.0 up",
    ]);
    expect(groups.every(({ steps }) => steps.length > 0)).toBe(true);
    expect(book.steps.filter(({ exit, reads }) => exit !== 0 && !reads)).toEqual([]);
    expect(book.steps.at(-1)!.after.probe!.answered).toBe(true);
    expect(book.steps.at(-1)!.after.text.brctl).toContain("peth0\n\t\t\t\t\t\t\tvif0.0\n\t\t\t\t\t\t\tvif1.0\n");
  });

  test("its headings come in their order", () => {
    const order = book.steps.filter(({ device }) => device === "").flatMap(({ heading }) => heading ?? []);
    const first = [...new Set(order)];
    expect(order).toEqual([...order].sort((a, b) => first.indexOf(a) - first.indexOf(b)));
  });
});

describe("route mode and NAT mode in the textbook", () => {
  const telling = (mode: "route" | "nat", how: Telling): Rehearsal => {
    const words = mode === "route" ? "ip=192.168.1.50" : "";
    const inside = mode === "route" ? "ip: 192.168.1.50/24" : "ip: 10.0.1.1/16, gateway: 10.0.1.128";
    const text = host("4.2")
      .replace("mac=00:16:3e:00:00:01,bridge=xenbr0", `mac=00:16:3e:00:00:01${words === "" ? "" : `,${words}`}`)
      .replace("ip: 192.168.1.11/24", inside)
      .replace("    nics:", `    network-script: network-${mode}\n    vif-script: vif-${mode}\n    nics:`);
    const plan = withTelling(planOf(text), how);
    return new Rehearsal(plan, plan.hosts[0]!, { probe: false }).complete();
  };

  test.each(["route", "nat"] as const)("%s: every heading has its commands, and none fails", (mode) => {
    for (const how of ["textbook", "textbook-dom0"] as const) {
      const { steps } = telling(mode, how);
      const groups = groupSteps(steps, mode).filter(({ heading }) => heading !== null);
      expect(groups.length).toBe(mode === "route" ? 4 : 5);
      expect(groups.filter((group) => group.steps.length === 0)).toEqual([]);
      expect(steps.filter(({ exit, reads }) => exit !== 0 && !reads)).toEqual([]);
    }
  });

  test("route: the script adds proxy ARP on both sides, and gives the vif domain 0's address", () => {
    const [real, book] = [telling("route", "script"), telling("route", "textbook")];
    expect(compareTellings(real.steps, book.steps).map(({ kind, what }) => `${kind} | ${what}`)).toEqual([
      "only here | eth0: proxy_arp 1",
      "only here | vif1.0: address 192.168.1.10/32",
      "only here | vif1.0: proxy_arp 1",
      "only there | vif1.0: address 192.168.1.50/32",
    ]);
    const dom0 = telling("route", "textbook-dom0");
    expect(compareTellings(real.steps, dom0.steps).map(({ what }) => what)).toEqual([
      "eth0: proxy_arp 1",
      "vif1.0: proxy_arp 1",
    ]);
  });

  test("NAT: the script makes a net for each vif, the textbook one LAN for all", () => {
    const told = compareTellings(telling("nat", "script").steps, telling("nat", "textbook").steps).map(
      ({ kind, what }) => `${kind} | ${what}`,
    );
    expect(told.join("\n")).toContain("only here | vif1.0: arp on");
    expect(told.join("\n")).toContain("only there | the bridge: made");
  });
});

describe("the script against the textbook", () => {
  const differences = (xen: string): string[] => {
    const ofHost = ({ steps }: Rehearsal): RehearsedStep[] => steps.filter(({ device }) => device === "");
    return compareTellings(ofHost(rehearse(xen)), ofHost(rehearse(xen, "textbook"))).map(
      ({ kind, what }) => `${kind} | ${what}`,
    );
  };

  test("3.1: addresses copied before eth0 stops, MAC only after the renames, vif0.0 altered too, bridge up early", () => {
    expect(differences("3.1")).toEqual([
      "only here | the bridge: spanning tree off, forward delay 0, arp off, multicast off, mtu 68, up, mtu 1500",
      "only here | eth0: down",
      "only here | eth0: multicast off",
      "only here | vif0.0: down, arp off, multicast off, MAC fe:ff:ff:ff:ff:ff, addresses flushed",
      "only here | veth0: arp on",
      "only here | eth0: up",
      "only here | veth0: up with its configuration (ifup)",
      "only there | veth0: up",
      "only there | the host: route default",
      "order | eth0: stopped (ifdown), after veth0: address 192.168.1.10/24",
      "order | eth0: MAC fe:ff:ff:ff:ff:ff, after eth0: arp off",
      "order | veth0: MAC 00:1e:c9:4a:11:22, after eth0: addresses flushed",
      "order | the bridge: up, before vif0.0: in the bridge",
      "order | eth0: in the bridge, after vif0.0: up",
      "order | eth0: up, after vif0.0: up",
    ]);
  });

  test("3.0 leaves vif0.0 alone; 4.2 has no pair at all: the bridge takes the name and the address", () => {
    expect(differences("3.0").join("\n")).not.toContain("vif0.0: down");
    const later = differences("4.2");
    expect(later).toContain("only here | the bridge: renamed to eth0");
    expect(later).toContain("only there | veth0: renamed to eth0");
    expect(later).toContain("only there | eth0: MAC fe:ff:ff:ff:ff:ff, arp off");
  });

  test("of two equal tellings there is nothing to say", () => {
    const { steps } = rehearse("3.1");
    expect(compareTellings(steps, steps)).toEqual([]);
  });
});
