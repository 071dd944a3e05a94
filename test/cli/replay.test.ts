/** A journal on disk: written by the shell, played again by `replay`, and what is said of one that cannot be. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { xenlab } from "../kit/cli.ts";
import { shipped } from "../kit/lab.ts";

const folder = mkdtempSync(join(tmpdir(), "xenlab-replay-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const journal = join(folder, "a.journal");
const typed = ":capture web1:eth0\n@web1\nping -c 2 192.168.1.102\n:unplug xen1:eth0\nping -c 1 -W 1 192.168.1.1\n";
const first = xenlab(["shell", shipped("bridge-xl.yaml"), "--journal", journal, "--out", join(folder, "one")], {
  input: typed,
});
const read = (path: string): Buffer => readFileSync(join(folder, path));

describe("a journal of the shell", () => {
  test("played again prints what was typed and said, and makes the same captures", () => {
    expect(first.stderr).toBe("");
    const { stdout, stderr, status } = xenlab(["replay", journal, "--quiet", "--out", join(folder, "two")]);
    expect([stderr, status]).toEqual(["", 0]);
    for (const line of first.stdout.trimEnd().split("\n").slice(1)) expect(stdout).toContain(`web1 | ${line}`);
    expect(stdout).toMatch(/web1# ping -c 2 192\.168\.1\.102\n(.*\n)+xen1# \(cable of eth0 out\)\nweb1# ping -c 1/);
    expect(stdout).not.toContain("root@web1");
    expect(read("two/bridge-xl/web1-eth0.pcapng")).toEqual(read("one/bridge-xl/web1-eth0.pcapng"));
  });

  test("with frames, as JSON, only so far, and further", () => {
    expect(xenlab(["replay", journal, "--capture", "none"]).stdout).toMatch(/web1:eth0 +-> ARP, Request who-has/);
    const summary = (...more: string[]) =>
      JSON.parse(xenlab(["replay", journal, "--json", "--capture", "none", ...more]).stdout) as Record<string, number>;
    const whole = summary();
    expect(whole["topology"]).toBe("bridge-xl");
    expect(summary("--until", "500ms")["virtualSeconds"]).toBe(0.5);
    expect(summary("--until", "500ms")["events"]).toBeLessThan(whole["events"]!);
    expect(summary("--until", "400s")["events"]).toBeGreaterThan(whole["events"]!);
  });

  test("of a topology that names files has them with it", () => {
    const path = join(folder, "nat.journal");
    const lab = xenlab(["shell", shipped("nat.yaml"), "--seed", "11", "--journal", path], {
      input: "virsh net-dumpxml default | head -3\n",
    });
    expect(lab.status).toBe(0);
    const { files, seed } = JSON.parse(readFileSync(path, "utf8").split("\n")[0]!) as { files: object; seed: number };
    expect([Object.keys(files), seed]).toEqual([["default.xml"], 11]);
    const { stdout, status } = xenlab(["replay", path, "--quiet", "--capture", "none"]);
    expect(status).toBe(0);
    expect(stdout).toContain("(seed 11)");
    expect(stdout).toContain("| <network>");
  });
});

describe("what cannot be played is a sentence and exit code 2", () => {
  const spoilt = (text: string): string => {
    const path = join(folder, "spoilt.journal");
    writeFileSync(path, text);
    return path;
  };
  const lines = () => readFileSync(journal, "utf8").split("\n");

  test.each([
    ["no journal", () => shipped("bridge-xl.yaml"), /bridge-xl\.yaml: not a journal/],
    ["no file", () => join(folder, "none.journal"), /none\.journal: no such file/],
    ["a line that is none", () => spoilt([lines()[0], "oh", ""].join("\n")), /spoilt\.journal:2: this line is no JSON/],
    [
      "a topology with mistakes",
      () => spoilt(readFileSync(journal, "utf8").replace("hosts:", "guests:")),
      /its topology \(.*bridge-xl\.yaml, written by xenlab \S+\) has \d+ errors? for this xenlab/,
    ],
    [
      "another run",
      () => spoilt(readFileSync(journal, "utf8").replace(/"process":\d+/, '"process":9999')),
      /spoilt\.journal: the journal is of another run: there is no process 9999 on web1.* It was written by xenlab /,
    ],
  ])("%s", (_, path, message) => {
    const { stderr, status } = xenlab(["replay", path(), "--capture", "none"]);
    expect(stderr).toMatch(message);
    expect(stderr).not.toMatch(/\n\s+at /);
    expect(status).toBe(2);
  });

  test("a journal where a topology is meant says who plays it", () => {
    for (const words of [
      ["run", journal],
      ["exec", journal, "xen1", "--", "hostname"],
      ["shell", journal],
    ]) {
      const { stderr, status } = xenlab(words);
      expect(stderr).toBe(
        `xenlab: ${journal}: a journal and no topology; xenlab replay plays it, xenlab open does in a terminal\n`,
      );
      expect(status).toBe(2);
    }
  });

  test("a journal that cannot be written is told before anything runs", () => {
    const { stdout, stderr, status } = xenlab(["shell", shipped("bridge-xl.yaml"), "--journal", "/no/such/x"], {
      input: "hostname\n",
    });
    expect([stdout, status]).toEqual(["", 2]);
    expect(stderr).toContain("/no/such/x cannot be written");
  });
});
