/** One small broken topology of each kind, and what is odd but right. */
import { describe, expect, it } from "vitest";
import { loadTopology } from "../../../src/lab/topology/resolve.ts";
import { broken, SHORT } from "./broken-cases.ts";

describe("a broken topology", () => {
  it.each(broken)("%s", (_, text, ...sentences) => {
    const { plan, diagnostics } = loadTopology(text);
    expect(diagnostics.map((d) => `${d.line}:${d.column} ${d.severity} ${d.message}`)).toEqual(sentences);
    expect(plan === null).toBe(sentences.some((sentence) => sentence.includes(" error ")));
  });
});

describe("what is odd but right", () => {
  it.each([
    ["a byte order mark", `\ufeff${SHORT}`],
    ["CRLF line ends", SHORT.replaceAll("\n", "\r\n")],
    ["a document marker", `---\n${SHORT}...\n`],
    ["YAML 1.2 said aloud", `%YAML 1.2\n---\n${SHORT}`],
    ["JSON", '{"mode": "bridge", "guests": {"web1": "192.168.1.11"}}'],
    [
      "an anchor and its alias",
      "mode: bridge\nguests: { a: &g { ip: 192.168.1.11 } }\nscenario: []\nabout: &t text\nname: *t\n",
    ],
    [
      "numbers and words of YAML 1.1 as names",
      "guests: { 1: 192.168.1.11, yes: 192.168.1.12, 007: 192.168.1.13, null: 192.168.1.14 }\n",
    ],
    ["a MAC without quotes", "guests: { a: { ip: 192.168.1.11, mac: 00:16:3e:00:00:01 } }\n"],
    ["a version without quotes", "hosts: { a: { xen: 4.17 } }\n"],
    ["empty mappings", "networks: { lan: }\nhosts: { a: }\nmachines: { b: { nics: { eth0: } } }\n"],
  ])("%s", (_, text) => {
    const { plan, diagnostics } = loadTopology(text);
    expect(diagnostics).toEqual([]);
    expect(plan).not.toBeNull();
  });

  it("counts columns after the byte order mark and without the carriage return", () => {
    const [mistake] = loadTopology(`\ufeffmod: bridge\r\n${SHORT}`).diagnostics;
    expect(mistake).toMatchObject({ line: 1, column: 1, endColumn: 4 });
    const [atEnd] = loadTopology("about: x\r\nmode: brige\r\nguests: {}\r\n").diagnostics;
    expect(atEnd).toMatchObject({ line: 2, column: 7, endColumn: 12 });
  });
});

describe("all mistakes at once", () => {
  const text = `name: br idge
sed: 7
networks:
  lan: { kind: swich, delay: soon }
hosts:
  xen1:
    nics: { eth0: { network: lna, mac: "00:1e:c9" } }
    domains:
      web1: { vif: ['mac=00:16:3e:00:00:01, brigde=xenbr0, rate=10mb/s'] }
machines:
  xen1: { services: [ehco] }
capture: [1, "xen1:eth0", "we1:eth0"]
scenario:
  - { at: 1x, on: web1, run: ls }
  - { at: 1s, on: dom0, run: ls }
`;
  it("are told in the order of the file, of every stage, each once", () => {
    const { diagnostics } = loadTopology(text);
    expect(
      diagnostics.map((d) => `${d.line}:${d.column} ${d.message}${d.hint === undefined ? "" : ` - ${d.hint}`}`),
    ).toEqual([
      "1:7 `br idge` is not a name",
      "2:1 unknown key `sed` - did you mean `seed`?",
      "4:16 `swich` is not a kind of network - did you mean `switch`?",
      "4:30 `soon` is not a duration",
      "7:30 there is no network `lna` - did you mean `lan`?",
      "7:40 `00:1e:c9` is not a MAC address",
      "9:45 unrecognized argument `brigde=xenbr0' - did you mean `bridge`?",
      "9:60 config parsing error in vif: invalid rate in `10mb/s'",
      "11:3 the name `xen1` is taken by the host on line 6",
      "11:22 `ehco` is not a service - did you mean `echo`?",
      "12:11 the number 1 is not a point",
      "12:28 there is no machine `we1` - did you mean `web1`?",
      "14:11 `1x` is not a duration",
      "15:19 there is no machine `dom0` - did you mean `xen1`? dom0 goes by the name of its host",
    ]);
  });

  it("also those before the line where the YAML ends", () => {
    const { diagnostics } = loadTopology("sede: 7\nmode: brige\nguests:\n\tweb1: 192.168.1.11\n");
    expect(diagnostics.map((d) => d.line)).toEqual([1, 2, 4]);
  });

  it("up to a number that somebody reads", () => {
    const noise = Array.from({ length: 5000 }, (_, i) => `k${i}: 1`).join("\n");
    const { diagnostics } = loadTopology(noise);
    expect(diagnostics).toHaveLength(200);
    expect(diagnostics.at(-1)!.message).toBe("and more mistakes; these come first");
  });
});
