/** `npm run pictures`: the README's pictures, of the built program really running. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { shipped } from "../kit/lab.ts";
import { Key } from "../tui/kit/stage.ts";
import { built, PtyTerminal } from "../tui/kit/terminal.ts";
import { LEASED } from "../tui/kit/topologies.ts";
import { picture } from "./draw.ts";

const FOLDER = resolve(import.meta.dirname, "../golden/pictures");
const COLUMNS = 120;
const ROWS = 36;

built();

/** The program with that topology in front. */
const opened = (file: string): PtyTerminal =>
  new PtyTerminal({ columns: COLUMNS, rows: ROWS, args: [file, "--no-card"], elsewhere: true });

const own = mkdtempSync(join(tmpdir(), "xenlab-pictures-"));
let terminal = opened(shipped("bridge.yaml"));

const END_OF_PAINT = "\x1b[?2026l";

/** A whole paint, not one that is still on its way. */
async function take(name: string): Promise<void> {
  const { emulator } = terminal;
  do {
    await terminal.until(() => emulator.raw.endsWith(END_OF_PAINT), "a paint has ended");
    await emulator.write("");
  } while (!emulator.raw.endsWith(END_OF_PAINT));
  const png = picture(emulator);
  writeFileSync(join(FOLDER, `${name}.png`), png);
  process.stdout.write(`${name}.png  ${Math.round(png.length / 1024)} KiB\n`);
}

try {
  await terminal.shows("no bridge yet");
  terminal.type(" ");
  await terminal.shows(/web2 · dom2.* running/);
  await terminal.until(
    () => /◄.*vif1\.0.*►/.test(terminal.text) && /[3-9]\d frames/.test(terminal.text),
    "a ping crosses the map",
  );
  await take("map");

  terminal.type(Key.ctrl("p"), "web");
  await terminal.shows(/╭─ Palette.*› web/s);
  await take("palette");
  terminal.type(Key.esc);
  await terminal.until(() => !terminal.text.includes("╭─ Palette"), "the palette is closed");

  terminal.type("2", "/", "icmp and port == vif1.0", "\r");
  await terminal.shows(/\d of \d+/);
  await terminal.shows(/echo reply.*\n.*echo request.*\n.*echo reply/);
  terminal.type(" ", "k", "k", "\r", Key.down, Key.down);
  for (let step = 0; step < 20 && !/ip\.ttl {2}1 B/.test(terminal.text); step++) {
    terminal.type(Key.down);
    await new Promise((resume) => setTimeout(resume, 80));
  }
  await terminal.shows(/ip\.ttl {2}1 B/);
  await take("packets");

  terminal.type("4");
  await terminal.shows(/step \d+\/\d+/);
  for (let step = 0; step < 40 && !/# ip link set eth0 name peth0/.test(terminal.text); step++) {
    terminal.type(Key.right);
    await new Promise((resume) => setTimeout(resume, 80));
  }
  await terminal.shows("# ip link set eth0 name peth0");
  await take("setup");

  terminal.type(" ", "5", "brctl showmacs xenbr0\r");
  await terminal.shows("ageing timer");
  terminal.type("xm network-list web1\r");
  await terminal.shows("BE-path");
  terminal.type("\x1b[1;3C");
  await terminal.shows("root@web1:~#");
  terminal.type("ping 192.168.1.1\r");
  await terminal.shows(/icmp_seq=4/);
  terminal.type("\x03");
  await terminal.shows("packets transmitted");
  terminal.type("ping -c 3 192.168.1.12\r");
  await terminal.shows(/192\.168\.1\.12: icmp_seq=3[\s\S]*packets transmitted/);
  terminal.type("ip -br a");
  await terminal.shows("ip -br a");
  await take("shell");

  terminal.type(Key.alt("6"));
  for (let step = 0; step < 30 && !/▸.*vif1\.0/.test(terminal.text); step++) {
    terminal.type("j");
    await new Promise((resume) => setTimeout(resume, 80));
  }
  await terminal.shows(/▸.*vif1\.0/);
  await take("captures");
  terminal.type("q");
  await terminal.exits();
  terminal.close();

  terminal = opened(shipped("route.yaml"));
  await terminal.shows("‖ paused");
  terminal.type(" ");
  await terminal.shows(/web2 · dom2.* running/);
  await terminal.until(() => /◄.*vif1\.0.*►/.test(terminal.text), "a ping crosses the map");
  await take("map-route");
  terminal.type("q");
  await terminal.exits();
  terminal.close();

  const leased = join(own, "leased.yaml");
  writeFileSync(leased, LEASED);
  terminal = opened(leased);
  await terminal.shows("‖ paused");
  terminal.type("+", "+", "+", " ");
  await terminal.shows(/1 lease/);
  await terminal.until(
    () => /⇄ as 192\.168\.1\.10 id \d+ (?!UNREPL)/.test(terminal.text),
    "a connection behind NAT is followed",
  );
  await take("map-nat");
  terminal.type("q");
  await terminal.exits();
} finally {
  terminal.close();
  rmSync(own, { recursive: true, force: true });
}
