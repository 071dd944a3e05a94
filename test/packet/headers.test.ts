import { describe, expect, it } from "vitest";
import { Header, Headers } from "../../src/packet/headers.ts";
import { SAMPLES } from "../kit/sample-frames.ts";

const headers = new Headers();
function walked(frame: Uint8Array): Headers {
  headers.walk(frame, 0, frame.length);
  return headers;
}

// What stands where in whole and cut frames is judged by tshark: test/lab/frames/display-filter-tshark.test.ts.
describe("headers", () => {
  it("are found from outside inwards, those of a quoted packet last", () => {
    const found = walked(SAMPLES.get("unreachable 3")!);
    expect(found.kinds.slice(0, found.count)).toEqual([
      ...[Header.ETHERNET, Header.ETHERNET_TYPE, Header.IPV4, Header.ICMP],
      ...[Header.IPV4, Header.UDP],
    ]);
    expect([found.first(Header.IPV4), found.last(Header.IPV4)]).toEqual([14, 42]);
    expect([found.first(Header.TCP), found.has(Header.TCP), found.has(Header.UDP)]).toEqual([-1, false, true]);
  });

  it("are those of this frame alone, also after one that had more", () => {
    walked(SAMPLES.get("time exceeded")!);
    const found = walked(SAMPLES.get("arp request")!);
    expect([found.has(Header.IPV4), found.first(Header.ICMP), found.first(Header.ARP_TARGET_IP)]).toEqual([
      false,
      -1,
      38,
    ]);
  });

  it("of errors that quote errors without end are not followed without end", () => {
    const ping = SAMPLES.get("unreachable 1")!;
    const link = ping.slice(0, 14);
    const error = ping.slice(14, 42);
    const frame = new Uint8Array(14 + 28 * 2000);
    frame.set(link);
    for (let at = 14; at < frame.length; at += 28) {
      frame.set(error, at);
      frame.set([(frame.length - at) >>> 8, (frame.length - at) & 255], at + 2);
    }
    const found = walked(frame);
    expect(found.count).toBeGreaterThan(60);
    expect(found.count).toBeLessThan(100);
  });
});
