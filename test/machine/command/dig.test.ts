/** dig and dnsmasq, both real and both emulated: the same questions, the same text. Chance and time aside. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { judges } from "../../kit/fidelity.ts";
import { canMakeNamespaces, NetNamespace } from "../../kit/netns.ts";
import { requireTool } from "../../kit/tools.ts";
import { typed } from "../on-machine.ts";
import { withLoopback } from "./twin.ts";

judges("dig");

const canCompare = requireTool("dig") && requireTool("dnsmasq") && canMakeNamespaces();

const HOSTS = "127.0.0.1 localhost\n127.0.1.1 xen1\n10.77.0.5 box box.example\n";
const COMMON = "--no-resolv --no-hosts --listen-address=10.77.0.1 --bind-interfaces --user=root";
const SETUP = ["ip link set lo up", "ip addr add 10.77.0.1/24 dev lo"];

/** Without an upstream server, with one that no route leads to, and with names of one's own. */
const SERVERS: Readonly<Record<string, string>> = {
  "no upstream server": "",
  "an upstream server that cannot be reached": "--server=10.99.0.1",
  "a domain of one's own": "--local=/example/ --domain=example --expand-hosts",
};
const QUESTIONS = [
  "example.com",
  "box",
  "box AAAA",
  "box.example",
  "nobody.example",
  "+noedns box",
  "+short box",
  "-x 10.77.0.5",
  "-x 10.78.0.5",
  "xen1",
  "box MX",
];

const comparable = (text: string): string =>
  text
    .replace(/DiG \S+/, "DiG V")
    .replace(/id: \d+/, "id: N")
    .replace(/Query time: \d+ msec/, "Query time: N msec")
    .replace(/WHEN: .*/, "WHEN: T");

const folder = mkdtempSync(join(tmpdir(), "dig-"));
afterAll(() => rmSync(folder, { recursive: true }));

describe.skipIf(!canCompare)("dig asks dnsmasq", () => {
  test.each(Object.entries(SERVERS))("%s", (_, options) => {
    const hosts = join(folder, "hosts");
    writeFileSync(hosts, HOSTS);
    const dnsmasq =
      `dnsmasq -C /dev/null ${COMMON} --addn-hosts=${hosts} ${options} --pid-file=${folder}/pid`.trimEnd();
    const lines = QUESTIONS.map((question) => `dig +tries=1 +time=2 @10.77.0.1 ${question}`);
    const real = new NetNamespace();
    const machine = withLoopback();
    try {
      real.prepare(...SETUP, dnsmasq, "sleep 0.3");
      const said = real.runAll(lines);
      real.run(`kill $(cat ${folder}/pid)`);
      machine.files.makePath(folder);
      machine.files.write(hosts, HOSTS);
      for (const line of [...SETUP, dnsmasq]) expect(typed(machine, line), line).toMatchObject({ code: 0 });
      for (const [i, line] of lines.entries()) {
        const { out, code } = typed(machine, line);
        expect.soft({ line, out: comparable(out), code }).toEqual({
          line,
          out: comparable(said[i]!.out),
          code: said[i]!.code,
        });
      }
    } finally {
      real.remove();
    }
  });
});
