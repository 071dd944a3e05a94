import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseMac } from "../../src/packet/address.ts";
import { parseVifConfig, withMac } from "../../src/xen/vif-config.ts";

describe("an item of vif = [ ... ]", () => {
  it("has every word of xl-network-configuration(5)", () => {
    const text =
      "mac=00:16:3e:00:00:01, bridge=xenbr1,ip=192.168.1.11 192.168.1.12,script=vif-bridge,type=vif,model=e1000," +
      "vifname=web,rate=16Mb/s,backend=0,gatewaydev=eth1,devid=3,mtu=9000,untrusted";
    const { config, remarks } = parseVifConfig(text);
    expect(remarks).toEqual([]);
    expect(config).toEqual({
      text,
      mac: parseMac("00:16:3e:00:00:01"),
      bridge: "xenbr1",
      ip: ["192.168.1.11", "192.168.1.12"],
      script: "vif-bridge",
      type: "vif",
      model: "e1000",
      vifname: "web",
      rate: { bytesPerInterval: 100_000, intervalMicros: 50_000 },
      backend: "0",
      gatewaydev: "eth1",
      devid: 3,
      mtu: 9000,
      trusted: false,
    });
  });

  it.each(["", "  ", ",,", "trusted"])("%j leaves everything to xl", (text) => {
    const { config, remarks } = parseVifConfig(text);
    expect(remarks).toEqual([]);
    expect(config).toMatchObject({ mac: null, bridge: null, rate: null, trusted: true });
  });

  it.each([
    ["netdev=eth0", "notice", "the netdev parameter is deprecated, please use gatewaydev instead"],
    ["accel=x", "notice", "the accel parameter for vifs is currently not supported"],
    ["brigde=xenbr0", "refused", "unrecognized argument `brigde=xenbr0'"],
    ["bridge", "refused", "unrecognized argument `bridge'"],
    ["Trusted", "refused", "unrecognized argument `Trusted'"],
    ["mac=00:16:3e:00:00", "refused", "Invalid parameter `mac'."],
    ["mac=", "refused", "Invalid parameter `mac'."],
    ["type=emu", "refused", "Invalid parameter `type'."],
    ["rate=10mb/s", "fatal", "config parsing error in vif: invalid rate in `10mb/s'"],
    ["mtu=big", "fatal", 'xl: failed to convert "big" to number'],
    ["devid=", "fatal", 'xl: failed to convert "" to number'],
  ])("%s gets xl's own sentence", (word, weight, message) => {
    expect(parseVifConfig(`bridge=xenbr0,  ${word}`).remarks).toEqual([{ weight, message, word, at: 16 }]);
  });

  it("takes netdev for gatewaydev", () => {
    expect(parseVifConfig("netdev=eth7").config.gatewaydev).toBe("eth7");
  });

  it("accepts and forgets the words of COLO", () => {
    expect(parseVifConfig("forwarddev=eth1,colo_sock_mirror_id=m0").remarks).toEqual([]);
  });

  it("gets a MAC address in front when it has none, and keeps its own", () => {
    const mac = parseMac("00:16:3e:11:22:33")!;
    expect(withMac(parseVifConfig("bridge=xenbr0").config, mac).text).toBe("mac=00:16:3e:11:22:33,bridge=xenbr0");
    expect(withMac(parseVifConfig("").config, mac).text).toBe("mac=00:16:3e:11:22:33");
    expect(withMac(parseVifConfig("mac=00:16:3e:00:00:01").config, mac).text).toBe("mac=00:16:3e:00:00:01");
  });

  it("reads what it wrote, and every remark names its place", () => {
    const word = fc.constantFrom(
      "mac=0:1:2:3:4:5",
      "rate=1B/s",
      "x=1",
      "untrusted",
      "mtu=",
      "ip=1 2",
      " bridge=b",
      "accel=1",
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(word).map((words) => words.join(",")),
        ),
        (text) => {
          const { config, remarks } = parseVifConfig(text);
          for (const { word, at } of remarks) expect(text.slice(at, at + word.length)).toBe(word);
          const filled = withMac(config, parseMac("00:16:3e:00:00:09")!);
          if (!remarks.some(({ message }) => message.includes("`mac'"))) {
            expect(parseVifConfig(filled.text).config).toEqual(filled);
          }
        },
      ),
    );
  });
});
