import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { formatIpv4, type Ipv4, networkOf } from "../../src/packet/address.ts";
import { netlinkText } from "../../src/stack/errno.ts";
import type { RouteRequest } from "../../src/stack/fib.ts";
import { routeOutput } from "../../src/stack/route-output.ts";
import { Route, RouteTable, RouteType, Scope, TableId } from "../../src/stack/route-table.ts";
import { type Box, cidr, ip, Pair } from "../kit/stack.ts";

const route = (text: string): RouteRequest => {
  const { address, prefix } = cidr(text);
  return { destination: address, prefix };
};
const told = (each: Route): string =>
  `${formatIpv4(each.destination)}/${each.prefix}${each.via ? ` via ${formatIpv4(each.via)}` : ""} dev ${each.device?.name}` +
  `${each.source ? ` src ${formatIpv4(each.source)}` : ""}${each.metric ? ` metric ${each.metric}` : ""}`;
const main = (box: Box): string[] => box.ns.fib.main.list().map(told);
const local = (box: Box): string[] =>
  box.ns.fib.local
    .list()
    .map((each) => `${["", "unicast", "local", "broadcast"][each.type]} ${told(each)}`)
    .filter((line) => !line.includes(" dev lo"));

describe("a routing table", () => {
  const addresses = fc.integer({ min: 0, max: 0xffff_ffff });
  const near = fc.oneof(addresses, fc.integer({ min: 0xc0a8_0000, max: 0xc0a8_00ff }));
  const entries = fc.array(fc.tuple(near, fc.integer({ min: 0, max: 32 }), fc.integer({ min: 0, max: 3 })), {
    maxLength: 40,
  });

  it("finds what a scan of all routes finds: longest prefix, then metric", () => {
    fc.assert(
      fc.property(entries, fc.array(near, { minLength: 1 }), fc.array(fc.nat(39)), (wanted, questions, removed) => {
        const table = new RouteTable(TableId.MAIN);
        let all: Route[] = [];
        for (const [address, prefix, metric] of wanted) {
          const made = plain(networkOf(address as Ipv4, prefix), prefix, metric);
          if (table.insert(made, "add").refusal === null) all.push(made);
        }
        for (const question of questions) table.lookup(question as Ipv4);
        for (const index of removed) {
          const gone = all[index];
          if (gone !== undefined) table.discard(gone);
          all = all.filter((each) => each !== gone);
        }
        expect(table.list()).toHaveLength(all.length);
        for (const question of questions) {
          const fits = all.filter((each) => networkOf(question as Ipv4, each.prefix) === each.destination);
          fits.sort((a, b) => b.prefix - a.prefix || a.metric - b.metric);
          expect(table.lookup(question as Ipv4)).toBe(fits[0] ?? null);
        }
      }),
    );
  });

  const plain = (destination: Ipv4, prefix: number, metric: number): Route =>
    new Route({
      table: TableId.MAIN,
      destination,
      prefix,
      type: RouteType.UNREACHABLE,
      scope: Scope.UNIVERSE,
      protocol: 3,
      source: 0 as Ipv4,
      device: null,
      via: 0 as Ipv4,
      metric,
      onlink: false,
    });
});

describe("addresses and their routes", () => {
  it("an address brings its subnet, its local and its broadcast route; down takes them, up brings them back", () => {
    const { a } = new Pair();
    expect(main(a)).toEqual(["192.168.1.0/24 dev eth0 src 192.168.1.101"]);
    const all = [
      "local 192.168.1.101/32 dev eth0 src 192.168.1.101",
      "broadcast 192.168.1.255/32 dev eth0 src 192.168.1.101",
    ];
    expect(local(a)).toEqual(all);
    a.ns.fib.add({ ...route("0.0.0.0/0"), via: ip("192.168.1.1") });
    a.eth0.setUp(false);
    expect(main(a)).toEqual([]);
    expect(local(a)).toEqual(all.slice(0, 1));
    a.eth0.setUp(true);
    expect(main(a)).toEqual(["192.168.1.0/24 dev eth0 src 192.168.1.101"]);
    expect(local(a)).toEqual(all);
  });

  it("lo gets 127.0.0.1/8 when it comes up", () => {
    const { a } = new Pair();
    const [address] = a.ns.addresses.of(a.ns.loopback!);
    expect(address).toMatchObject({ address: ip("127.0.0.1"), prefix: 8, scope: Scope.HOST, label: "lo" });
    expect(a.ns.fib.isLocal(ip("127.200.0.1"))).toBe(true);
  });

  it("the second address of a subnet is secondary and goes with the first", () => {
    const { a } = new Pair();
    expect(a.ns.addresses.add(a.eth0, { address: ip("192.168.1.5"), prefix: 24 })).toBeNull();
    expect(a.ns.addresses.add(a.eth0, { address: ip("192.168.1.6"), prefix: 32 })).toBeNull();
    expect(a.ns.addresses.of(a.eth0).map((each) => [formatIpv4(each.address), each.secondary])).toEqual([
      ["192.168.1.101", false],
      ["192.168.1.6", false],
      ["192.168.1.5", true],
    ]);
    const again = a.ns.addresses.add(a.eth0, { address: ip("192.168.1.5"), prefix: 24 });
    expect(netlinkText(again!)).toBe("RTNETLINK answers: File exists");
    expect(a.ns.addresses.remove(a.eth0, cidr("192.168.1.101/24"))).toBeNull();
    expect(a.ns.addresses.of(a.eth0).map((each) => formatIpv4(each.address))).toEqual(["192.168.1.6"]);
    expect(local(a)).toEqual(["local 192.168.1.6/32 dev eth0 src 192.168.1.6"]);
    expect(main(a)).toEqual([]);
    const gone = a.ns.addresses.remove(a.eth0, cidr("192.168.1.101/24"));
    expect(netlinkText(gone!)).toBe("RTNETLINK answers: Cannot assign requested address");
  });

  it("the last address takes every route of the device with it, a lost source only its own", () => {
    const { a } = new Pair();
    a.ns.addresses.add(a.eth0, { address: ip("10.0.0.1"), prefix: 8 });
    a.ns.fib.add({ ...route("172.16.0.0/16"), device: a.eth0, source: ip("10.0.0.1") });
    a.ns.fib.add({ ...route("172.17.0.0/16"), device: a.eth0 });
    a.ns.addresses.remove(a.eth0, cidr("10.0.0.1/8"));
    expect(main(a)).toEqual(["172.17.0.0/16 dev eth0", "192.168.1.0/24 dev eth0 src 192.168.1.101"]);
    a.ns.addresses.remove(a.eth0, cidr("192.168.1.101/24"));
    expect(main(a)).toEqual([]);
    expect(local(a)).toEqual([]);
  });

  it("labels follow a renamed device; an unregistered one leaves nothing", () => {
    const { a } = new Pair();
    a.ns.addresses.add(a.eth0, { address: ip("10.0.0.1"), prefix: 8, label: "eth0:1" });
    a.table.rename(a.eth0, "peth0");
    expect(a.ns.addresses.of(a.eth0).map((each) => each.label)).toEqual(["peth0", "peth0:1"]);
    a.table.unregister(a.eth0);
    expect(main(a)).toEqual([]);
    expect(a.ns.addresses.of(a.eth0)).toEqual([]);
    expect(a.eth0.upper).toBeNull();
  });
});

describe("routes from a user", () => {
  const add = (box: Box, request: RouteRequest): string | null => {
    const refusal = box.ns.fib.add(request);
    return refusal === null ? null : netlinkText(refusal);
  };

  it("are refused with the kernel's words", () => {
    const { a, b } = new Pair();
    expect(add(a, { ...route("0.0.0.0/0"), via: ip("10.0.0.1") })).toBe("Error: Nexthop has invalid gateway.");
    expect(add(a, { ...route("0.0.0.0/0"), via: ip("192.168.1.1") })).toBeNull();
    expect(add(a, { ...route("0.0.0.0/0"), via: ip("192.168.1.2") })).toBe("RTNETLINK answers: File exists");
    expect(add(a, { ...route("0.0.0.0/0"), via: ip("192.168.1.2"), metric: 5 })).toBeNull();
    expect(add(a, { ...route("10.0.0.1/8"), device: a.eth0 })).toBe("Error: Invalid prefix for given prefix length.");
    expect(add(a, { ...route("10.0.0.0/8"), device: a.eth0, source: ip("1.2.3.4") })).toBe(
      "Error: Invalid prefsrc address.",
    );
    expect(add(a, { ...route("10.0.0.0/8"), via: ip("192.168.1.255") })).toBe("Error: Nexthop has invalid gateway.");
    b.eth0.setUp(false);
    expect(add(b, { ...route("10.0.0.0/8"), device: b.eth0 })).toBe("Error: Device for nexthop is not up.");
    expect(netlinkText(a.ns.fib.remove(route("10.0.0.0/8"))!)).toBe("RTNETLINK answers: No such process");
    expect(main(a)).toEqual([
      "0.0.0.0/0 via 192.168.1.1 dev eth0",
      "0.0.0.0/0 via 192.168.1.2 dev eth0 metric 5",
      "192.168.1.0/24 dev eth0 src 192.168.1.101",
    ]);
  });

  it("onlink takes a gateway on faith, but not on a device that is down", () => {
    const { a, b } = new Pair();
    const request = { ...route("0.0.0.0/0"), via: ip("10.9.9.9"), onlink: true };
    expect(add(a, { ...request, device: a.eth0 })).toBeNull();
    b.eth0.setUp(false);
    expect(add(b, { ...request, device: b.eth0 })).toBe("Error: Nexthop device is not up.");
  });

  it("replace replaces, change needs one that is there", () => {
    const { a } = new Pair();
    const first = { ...route("10.0.0.0/8"), via: ip("192.168.1.1") };
    expect(a.ns.fib.add(first, "change")?.errno).toBe("ENOENT");
    expect(a.ns.fib.add(first, "replace")).toBeNull();
    expect(a.ns.fib.add({ ...first, via: ip("192.168.1.2") }, "replace")).toBeNull();
    expect(main(a)[0]).toBe("10.0.0.0/8 via 192.168.1.2 dev eth0");
    expect(main(a)).toHaveLength(2);
  });

  it("carrier loss marks them linkdown and leaves them", () => {
    const { a, b } = new Pair();
    b.eth0.setUp(false);
    expect(a.ns.fib.main.list().map((each) => each.linkdown)).toEqual([true]);
    b.eth0.setUp(true);
    expect(a.ns.fib.main.list().map((each) => each.linkdown)).toEqual([false]);
  });
});

describe("the route of our own packets", () => {
  const source = (box: Box, destination: string): string => {
    const answer = routeOutput(box.ns, ip(destination));
    return "errno" in answer
      ? answer.errno
      : `${formatIpv4(answer.source)} ${answer.device.name} ${formatIpv4(answer.nextHop)}`;
  };

  it("chooses the source by the route, else by the subnet of the gateway", () => {
    const { a } = new Pair();
    a.ns.addresses.add(a.eth0, { address: ip("10.0.0.1"), prefix: 8 });
    a.ns.addresses.add(a.eth0, { address: ip("192.168.1.5"), prefix: 24 });
    a.ns.fib.add({ ...route("0.0.0.0/0"), via: ip("10.0.0.254") });
    a.ns.fib.add({ ...route("172.16.0.0/12"), via: ip("10.0.0.254"), source: ip("192.168.1.5") });
    expect(source(a, "192.168.1.9")).toBe("192.168.1.101 eth0 192.168.1.9");
    expect(source(a, "8.8.8.8")).toBe("10.0.0.1 eth0 10.0.0.254");
    expect(source(a, "172.16.0.1")).toBe("192.168.1.5 eth0 10.0.0.254");
    expect(source(a, "192.168.1.5")).toBe("192.168.1.101 lo 192.168.1.5");
    expect(source(a, "127.0.0.1")).toBe("127.0.0.1 lo 127.0.0.1");
  });

  it("is refused by name", () => {
    const { a } = new Pair();
    expect(source(a, "8.8.8.8")).toBe("ENETUNREACH");
    expect(source(a, "255.255.255.255")).toBe("ENETUNREACH");
    for (const [type, network] of [
      [RouteType.UNREACHABLE, "10.1.0.0/16"],
      [RouteType.PROHIBIT, "10.2.0.0/16"],
      [RouteType.BLACKHOLE, "10.3.0.0/16"],
    ] as const) {
      a.ns.fib.add({ ...route(network), type });
    }
    expect(["10.1.0.1", "10.2.0.1", "10.3.0.1"].map((each) => source(a, each))).toEqual([
      "EHOSTUNREACH",
      "EACCES",
      "EINVAL",
    ]);
    expect(routeOutput(a.ns, ip("192.168.1.9"), ip("1.2.3.4"))).toMatchObject({ errno: "ENETUNREACH" });
  });

  it("a socket tied to a device speaks to anybody on its link", () => {
    const { a } = new Pair();
    const answer = routeOutput(a.ns, ip("255.255.255.255"), ip("0.0.0.0"), a.eth0);
    expect(answer).toMatchObject({ type: RouteType.BROADCAST, source: ip("192.168.1.101") });
    expect(routeOutput(a.ns, ip("8.8.8.8"), ip("0.0.0.0"), a.eth0)).toMatchObject({ nextHop: ip("8.8.8.8") });
  });
});
