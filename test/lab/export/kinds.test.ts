/** Exports for Xen and libvirt hosts and as pictures: each is read back by whoever would read it. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Resvg } from "@resvg/resvg-js";
import { afterAll, describe, expect, it } from "vitest";
import { EXPORTS } from "../../../src/lab/index.ts";
import { readNetwork } from "../../../src/machine/libvirt/network-read.ts";
import { parseXlConfig } from "../../../src/machine/xl-config.ts";
import { planOf, planOfFile, shipped } from "../../kit/lab.ts";
import { requireTool } from "../../kit/tools.ts";

const folder = mkdtempSync(join(tmpdir(), "xenlab-kinds-"));
afterAll(() => rmSync(folder, { recursive: true }));

const topologies = readdirSync(shipped("")).filter((file) => file.endsWith(".yaml"));
const exported = (kind: string, topology: string): string =>
  EXPORTS.find(({ name }) => name === kind)!.print(planOfFile(topology));

/** Texts between `COMMAND << 'END'` and END, with the command. */
const documents = (script: string): (readonly [command: string, text: string])[] =>
  [...script.matchAll(/^(.*) << 'END'\n([\s\S]*?)\nEND$/gm)].map((match) => [match[1]!, match[2]!]);

describe("scripts for real hosts", () => {
  it.skipIf(!requireTool("shellcheck"))("are nothing that shellcheck minds", () => {
    const files = ["xl", "libvirt"].flatMap((kind) =>
      topologies.map((topology) => {
        const file = join(folder, `${topology}-${kind}.sh`);
        writeFileSync(file, exported(kind, topology));
        return file;
      }),
    );
    expect(spawnSync("shellcheck", files, { encoding: "utf8" }).stdout).toBe("");
  });

  it("give xl a configuration that it reads, and every command of the host's own set-up", () => {
    const script = exported("xl", "bridge-xl.yaml");
    const [web1] = documents(script);
    expect(web1![0]).toBe("cat > /etc/xen/web1.cfg");
    const read = parseXlConfig(web1![1], "web1.cfg");
    expect(JSON.stringify(read.config?.find("vif"))).toContain("mac=00:16:3e:00:00:01,bridge=xenbr0,script=vif-bridge");
    for (const line of ["brctl addbr xenbr0", "brctl addif xenbr0 eth0", "xl create /etc/xen/web1.cfg"])
      expect(script).toContain(`\n${line}\n`);
    expect(script).toContain("# inside web1: eth0 192.168.1.101/24 gateway 192.168.1.1");
  });

  it("name xend's own words, and bring the user's scripts along", () => {
    const script = exported("xl", "trouble-hotplug-never-connected.yaml");
    expect(script).toContain("#   (network-script 'network-bridge')");
    expect(documents(script).map(([command]) => command)).toContain("cat > /etc/xen/scripts/vif-mine");
    expect(script, "it is not started by itself").toContain("\n# xm create /etc/xen/web1.cfg\n");
  });

  it("define a network before a line starts it, and bring the lines of the host's own along", () => {
    const plan = planOf(`
name: own
networks: { lan: { kind: switch } }
hosts:
  xen1:
    nics: { eth0: { network: lan, ip: 10.1.0.1/24 } }
    libvirt: [default]
    domains: { g: { vif: ["bridge=virbr0"] } }
    setup: ["iptables -A FORWARD -j LOG"]
`);
    for (const kind of ["xl", "libvirt"]) {
      const script = EXPORTS.find(({ name }) => name === kind)!.print(plan);
      const at = (line: string): number => script.indexOf(`\n${line}`);
      expect(at("virsh net-define /dev/stdin << 'END'"), kind).toBeGreaterThan(0);
      expect(at("virsh net-start default"), kind).toBeGreaterThan(at("virsh net-define /dev/stdin << 'END'"));
      expect(at("iptables -A FORWARD -j LOG"), kind).toBeGreaterThan(at("virsh net-start default"));
    }
    expect(
      readNetwork(
        documents(EXPORTS.find(({ name }) => name === "xl")!.print(plan)).find(([command]) =>
          command.startsWith("virsh"),
        )![1],
      ).mistake,
    ).toBe(null);
  });

  it("give libvirt a network that says what the topology said", () => {
    const [network, domain] = documents(exported("libvirt", "nat.yaml"));
    expect(network![0]).toBe("virsh net-define /dev/stdin");
    const read = readNetwork(network![1]);
    expect(read.mistake).toBe(null);
    expect(read.network!.bridge.name).toBe("virbr0");
    expect(read.network!.ips[0]!.ranges).toHaveLength(1);
    expect(domain![0]).toBe("virsh define /dev/stdin");
    expect(domain![1]).toContain("<source bridge='virbr0'/>");
  });
});

describe("pictures", () => {
  it.each(topologies)("%s: an SVG that can be drawn, no box over another", (topology) => {
    const text = exported("svg", topology);
    const drawn = new Resvg(text);
    expect(drawn.width).toBeGreaterThan(400);
    const boxes = [...text.matchAll(/<rect x="(\d+)" y="(\d+)" width="(\d+)" height="(\d+)" rx="6"/g)].map((match) =>
      match.slice(1).map(Number),
    ) as [number, number, number, number][];
    expect(boxes.length).toBeGreaterThan(4);
    const overlap = boxes.flatMap(([x, y, w, h], i) =>
      boxes.slice(i + 1).filter(([u, v, b, t]) => x < u + b && u < x + w && y < v + t && v < y + h),
    );
    expect(overlap).toEqual([]);
    for (const [x, y, w, h] of boxes) {
      expect(x + w).toBeLessThanOrEqual(drawn.width);
      expect(y + h).toBeLessThanOrEqual(drawn.height);
    }
  });

  it("show what is there: netloop's pair, the renamed NIC, an address on virbr0", () => {
    expect(exported("svg", "bridge.yaml")).toContain(">peth0<");
    expect(exported("svg", "bridge.yaml")).toContain(">netloop<");
    expect(exported("svg", "nat.yaml")).toContain(">192.168.122.1/24<");
    expect(exported("svg", "nat.yaml")).toContain(">MASQUERADE<");
  });

  it.each(topologies)("%s: a flowchart whose lines join nodes that it has", (topology) => {
    const text = exported("mermaid", topology);
    expect(text).toContain("\nflowchart LR\n");
    const nodes = new Set([...text.matchAll(/^ +(\w+)[[({]/gm)].map((match) => match[1]));
    const ends = [...text.matchAll(/^ +(\w+) (?:---|-\.-) (\w+)$/gm)].flatMap((match) => [match[1], match[2]]);
    expect(ends.length).toBeGreaterThan(3);
    expect(ends.filter((end) => !nodes.has(end))).toEqual([]);
  });

  it("do not take a topology's words for their own", () => {
    const plan = planOf(`name: a\nabout: "<b> & \\"c\\""\nmode: bridge\nguests: { web1: 192.168.1.11 }\n`);
    const svg = EXPORTS.find(({ name }) => name === "svg")!.print(plan);
    expect(svg).not.toContain("<b>");
    expect(new Resvg(svg).width).toBeGreaterThan(0);
  });
});
