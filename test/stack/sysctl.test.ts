import { describe, expect, it } from "vitest";
import { Veth } from "../../src/device/veth.ts";
import { sysctlPath } from "../../src/stack/sysctl.ts";
import { Pair } from "../kit/stack.ts";
import { mac } from "../kit/world.ts";

describe("sysctls", () => {
  it("are named with dots or slashes; a device's own dot is the other sign", () => {
    expect(sysctlPath("net.ipv4.ip_forward")).toBe("net/ipv4/ip_forward");
    expect(sysctlPath("net.ipv4.conf.vif1/0.proxy_arp")).toBe("net/ipv4/conf/vif1.0/proxy_arp");
    expect(sysctlPath("net/ipv4/conf/vif1.0/proxy_arp")).toBe("net/ipv4/conf/vif1.0/proxy_arp");
  });

  it("read and write text, and refuse what is no number or no file", () => {
    const { sysctls } = new Pair().a.ns;
    expect(sysctls.get("net/ipv4/ip_local_port_range")).toBe("32768\t60999");
    expect(sysctls.set("net/ipv4/ip_local_port_range", "1024 2048\n")).toBeNull();
    expect(sysctls.get("net/ipv4/ip_local_port_range")).toBe("1024\t2048");
    expect(sysctls.set("net/ipv4/ip_local_port_range", "1024")?.errno).toBe("EINVAL");
    expect(sysctls.set("net/ipv4/ip_forward", "yes")?.errno).toBe("EINVAL");
    expect(sysctls.set("net/ipv4/nonsense", "1")?.errno).toBe("ENOENT");
    expect(sysctls.get("net/ipv4/conf/eth7/forwarding")).toBeNull();
    expect(sysctls.get("net/ipv4/conf/constructor")).toBeNull();
    expect(sysctls.get("net/ipv4/neigh/default/gc_thresh1")).toBe("128");
    expect(sysctls.get("net/ipv4/neigh/eth0/gc_thresh1")).toBeNull();
  });

  it("ip_forward sets forwarding everywhere, and turns redirects away in the name of all", () => {
    const { sysctls } = new Pair().a.ns;
    sysctls.set("net/ipv4/ip_forward", "1");
    for (const name of ["all", "default", "eth0", "lo"]) {
      expect(sysctls.get(`net/ipv4/conf/${name}/forwarding`)).toBe("1");
    }
    expect(sysctls.get("net/ipv4/conf/all/accept_redirects")).toBe("0");
    expect(sysctls.get("net/ipv4/conf/eth0/accept_redirects")).toBe("1");
    sysctls.set("net/ipv4/conf/all/forwarding", "0");
    expect(sysctls.get("net/ipv4/ip_forward")).toBe("0");
  });

  it("a device follows default until it is set itself; 'all' is a word of its own", () => {
    const { a } = new Pair();
    const { sysctls } = a.ns;
    sysctls.set("net/ipv4/conf/lo/proxy_arp", "0");
    sysctls.set("net/ipv4/conf/default/proxy_arp", "1");
    sysctls.set("net/ipv4/neigh/default/ucast_solicit", "5");
    a.table.register(new Veth(a.table, "vif1.0", mac("fe:ff:ff:ff:ff:ff")));
    const values = ["lo", "eth0", "vif1.0"].map((name) => sysctls.get(`net/ipv4/conf/${name}/proxy_arp`));
    expect(values).toEqual(["0", "1", "1"]);
    expect(sysctls.get("net/ipv4/neigh/vif1.0/ucast_solicit")).toBe("5");
    sysctls.set("net/ipv4/conf/all/proxy_arp", "1");
    expect(sysctls.get("net/ipv4/conf/lo/proxy_arp")).toBe("0");
    expect(a.ns.settings.either(a.ns.loopback!.index, "proxy_arp")).toBe(true);
  });

  it("can be listed whole, each with a text", () => {
    const list = new Pair().a.ns.sysctls.list();
    expect(list.map((each) => each.path)).toEqual([...new Set(list.map((each) => each.path))].sort());
    expect(list.every((each) => /^[-\d\t]+$/.test(each.value))).toBe(true);
    expect(list.map((each) => each.path)).toContain("net/ipv4/conf/eth0/rp_filter");
  });
});
