/**
 * The whole story by keys alone, in the built program: boot, watch a ping, look into its reply, pull the cable, see why the
 * ping fails, plug it in again, capture, leave; and the capture is one that tshark reads.
 */
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { output, requireTool } from "../kit/tools.ts";
import { Key } from "./kit/stage.ts";
import { built, PtyTerminal } from "./kit/terminal.ts";

let terminal: PtyTerminal;
afterEach(() => terminal.close());

test("from the first screen to a capture in tshark", async () => {
  built();
  terminal = new PtyTerminal({ columns: 100, rows: 30, args: ["topologies/bridge-short.yaml", "--capture", "none"] });

  // It opens paused, with the card; space plays the boot.
  await terminal.shows("plays the boot");
  await terminal.shows("no bridge yet");
  terminal.type(" ");
  await terminal.shows(/web1 dom1.* running/);
  await terminal.shows(/[►◄].*vif1\.0|vif1\.0.*[►◄]/);

  // The reply, in Packets: its TTL among the bytes.
  terminal.type("2", "/", "icmp.type == 0 and port == web1:eth0", "\r");
  await terminal.shows(/echo reply/);
  terminal.type("k", "\r");
  await terminal.shows(/▸ +\d+ .*echo reply/);
  for (let step = 0; step < 20 && !/ip\.ttl {2}1 B/.test(terminal.text); step++) {
    terminal.type("j");
    await terminal.until(() => true, "a key is taken");
    await new Promise((resume) => setTimeout(resume, 60));
  }
  await terminal.shows(/0x16 {2}ip\.ttl {2}1 B/);
  const looks = terminal.emulator.looks();
  const dump = terminal.emulator.lines().findIndex((line) => /^ 0010 /.test(line));
  // Byte 0x16: the 40 of a TTL of 64, marked.
  expect(terminal.emulator.lines()[dump]!.slice(7 + 3 * 6, 9 + 3 * 6)).toBe("40");
  expect(looks[dump]!.slice(7 + 3 * 6, 9 + 3 * 6)).toBe("##");

  // On the map, to the NIC by arrows: x pulls its cable.
  terminal.type("1", Key.right, Key.right);
  await terminal.shows(/xen1:eth0 .*cable in/);
  terminal.type("x");
  await terminal.shows("xen1:eth0: cable pulled");
  await terminal.shows(/eth0 ✗/);

  // The requests go no further than the other guest, for the bridge has forgotten the gateway and floods them; what the
  // gateway asks ends at the switch, whose port has no link.
  terminal.type("2", "/", "\x15", "icmp and fate == other-host", "\r");
  await terminal.shows(/web2:ip +other-host echo req/);
  terminal.type("/", "\x15", "fate == dropped", "\r");
  await terminal.shows(/✗.*lan:1 +switch-no-port/);

  // Plugged in again it answers again.
  terminal.type("1", "x");
  await terminal.shows("xen1:eth0: cable plugged in");
  terminal.type("2", "/", "\x15", "icmp.type == 0 and port == web1:eth0", "\r");
  const count = (): number => Number(/(\d+) of /.exec(terminal.text)?.[1] ?? 0);
  await terminal.shows(/\d+ of /);
  const before = count();
  await terminal.until(() => count() > before, "one more reply came");

  // A capture, switched on.
  terminal.type("6");
  await terminal.shows("xen1:vif1.0");
  for (let step = 0; step < 12 && !/▸.*xen1:vif1\.0/.test(terminal.text); step++) {
    terminal.type("j");
    await new Promise((resume) => setTimeout(resume, 60));
  }
  await terminal.shows(/▸.*xen1:vif1\.0/);
  terminal.type(" ");
  await terminal.shows("xen1:vif1.0: capture on");
  await terminal.until(() => /▸ ◉ xen1:vif1\.0 +vif +on +[3-9]/.test(terminal.text), "frames are captured");
  terminal.type("q");
  expect(await terminal.exits()).toBe(0);

  if (!requireTool("tshark")) return;
  const file = join(terminal.folder, "bridge-short", "xen1-vif1.0.pcapng");
  const replies = output("tshark", ["-r", file, "-Y", "icmp.type == 0", "-T", "fields", "-e", "ip.ttl"]);
  expect(replies.trim().split("\n").length).toBeGreaterThan(0);
  expect(new Set(replies.trim().split("\n"))).toEqual(new Set(["64"]));
  expect(execFileSync("tshark", ["-r", file, "-Y", "_ws.malformed"], { encoding: "utf8", stdio: "pipe" })).toBe("");
});
