/** Every shipped topology: it has no mistakes, it runs, its checks hold, its captures are what Wireshark calls good. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { openLab, readTopology } from "../../src/lab/index.ts";
import { planOfFile, readShipped, shipped } from "../kit/lab.ts";
import { requireTool } from "../kit/tools.ts";

const NAMES = readdirSync(resolve(import.meta.dirname, "../../topologies")).filter((name) => name.endsWith(".yaml"));

/**
 * Expert infos of severity Warn or Error that a true capture may show, with the reason.
 * "No response seen": the capture point is off the way of the answer, or the answer was lost as the scenario wants.
 */
const FINE: readonly RegExp[] = [/No response seen to ICMP request/];

/**
 * Of one topology alone. Xen 3.0 leaves ARP on at xenbr0, which has no address, and Linux answers for its addresses at every
 * device: neighbours hear two MACs for the host, until 3.0.3 switched ARP off there.
 */
const FINE_THERE: Readonly<Record<string, RegExp>> = { "bridge-3.0.yaml": /Duplicate IP address configured/ };

/** What a lab that shows trouble is warned of. */
const TROUBLE: Readonly<Record<string, readonly string[]>> = {
  "trouble-duplicate-mac.yaml": ["warning duplicate-mac"],
  "trouble-no-bridge.yaml": ["warning unknown-bridge"],
};

const folder = mkdtempSync(join(tmpdir(), "xenlab-shipped-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Written {
  readonly path: string;
  readonly frames: number;
}

function run(name: string): { readonly files: Written[]; readonly merged: Written } {
  const lab = openLab(planOfFile(name), { capture: { format: "pcapng", merged: true } });
  const parts = new Map<string, Uint8Array[]>();
  const drain = (): void => {
    for (const file of lab.captures!.list) parts.set(file.path, [...(parts.get(file.path) ?? []), file.take()]);
  };
  while (!lab.runSlice(20_000)) drain();
  drain();
  expect(lab.scenario.skipped).toEqual([]);
  for (const result of lab.scenario.results) expect(result, result.name).toMatchObject({ ok: true });
  const files = lab.captures!.list.map(({ path, frames }) => {
    const full = join(folder, `${name}-${path}`);
    writeFileSync(full, Buffer.concat(parts.get(path) ?? []));
    return { path: full, frames };
  });
  return {
    files: files.filter(({ path }) => !path.endsWith("merged.pcapng")),
    merged: files.find(({ path }) => path.endsWith("merged.pcapng"))!,
  };
}

const tshark = (...args: string[]): string =>
  execFileSync("tshark", args, { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"], maxBuffer: 1 << 28 });

test("there are topologies to run", () => {
  expect(NAMES.length).toBeGreaterThanOrEqual(14);
});

describe.each(NAMES)("%s", (name) => {
  test("has neither mistakes nor warnings, but those its trouble is made of", () => {
    const { diagnostics } = readTopology(readFileSync(shipped(name), "utf8"), { readFile: readShipped });
    expect(diagnostics.map(({ severity, code }) => `${severity} ${code}`)).toEqual(TROUBLE[name] ?? []);
  });

  test.skipIf(!requireTool("tshark"))("runs, and tshark and capinfos read what it leaves", () => {
    const { files, merged } = run(name);
    for (const { path, frames } of files) {
      const expert = tshark("-r", path, "-q", "-z", "expert,warn");
      const lines = expert
        .split("\n")
        .filter(
          (line) => /^\s+\d+\s/.test(line) && ![...FINE, FINE_THERE[name] ?? FINE[0]!].some((fine) => fine.test(line)),
        );
      expect(lines, path).toEqual([]);
      expect(tshark("-r", path, "-Y", "_ws.malformed").trim(), path).toBe("");
      expect(execFileSync("capinfos", ["-Mo", path], { encoding: "utf8" })).toMatch(/Strict time order:\s+True/);
      expect(
        Number(/Number of packets:\s+(\d+)/.exec(execFileSync("capinfos", ["-Mc", path], { encoding: "utf8" }))![1]),
      ).toBe(frames);
    }
    expect(tshark("-r", merged.path, "-Y", "_ws.malformed").trim()).toBe("");
    expect(execFileSync("capinfos", ["-Mo", merged.path], { encoding: "utf8" })).toMatch(/Strict time order:\s+True/);
    expect(new Set(tshark("-r", merged.path, "-T", "fields", "-e", "frame.section_number").trim().split("\n"))).toEqual(
      new Set(["1"]),
    );
  });
});

test.skipIf(!requireTool("tshark"))(
  "merged: one frame has one packet id at all its points, and every point a name and a description",
  () => {
    const { merged } = run("bridge-xl.yaml");
    const rows = tshark(
      "-r",
      merged.path,
      // Fragments of one datagram at several points would be put together across points.
      "-o",
      "ip.defragment:FALSE",
      "-Y",
      "icmp && !frame.comment",
      "-T",
      "fields",
      "-e",
      "frame.packet_id",
      "-e",
      "frame.interface_name",
      "-e",
      "frame.interface_description",
      "-e",
      "ip.id",
      "-e",
      "icmp.seq",
      "-e",
      "ip.src",
      "-e",
      "ip.frag_offset",
    );
    const byId = new Map<string, { points: string[]; identity: Set<string> }>();
    for (const row of rows.trim().split("\n")) {
      const [id = "", point = "", description = "", ...identity] = row.split("\t");
      expect(description).toContain(point.split(":")[1]!);
      const entry = byId.get(id) ?? { points: [], identity: new Set() };
      entry.points.push(point);
      entry.identity.add(identity.join(" "));
      byId.set(id, entry);
    }
    for (const [id, { identity }] of byId) expect(identity.size, `packet id ${id} is one frame`).toBe(1);
    const paths = [...byId.values()].map(({ points }) => points.join(" "));
    expect(paths).toContain("web1:eth0 xen1:vif1.0 xen1:xenbr0 xen1:vif2.0 web2:eth0");
    expect(paths).toContain("web1:eth0 xen1:vif1.0 xen1:xenbr0 xen1:eth0 outside:eth0");
  },
);
