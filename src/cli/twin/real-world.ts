/**
 * The kernel's half of a twin: the exported script with its onlooker runs in network namespaces, and what it has left in its
 * folder is read. Whatever ends this, the script's own sweep takes the namespaces away.
 */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Played, WorldRecord } from "../../lab/index.ts";
import { CliError } from "../cli-error.ts";

interface RealRecord extends WorldRecord {
  readonly played: Played;
}

export class RealWorld {
  private readonly folder = mkdtempSync(join(tmpdir(), "xenlab-twin-"));
  private child: ChildProcess | null = null;

  /** What the run has left; throws the sentence of what is missing, or of what went wrong. */
  async run(script: string, readCapture: ReadCapture): Promise<RealRecord> {
    const file = join(this.folder, "twin.sh");
    writeFileSync(file, script);
    const { status, said } = await this.play(file);
    if (status === 3) throw new CliError(`the real side cannot run: ${lastWords(said, file)}`, 2);
    if (!existsSync(join(this.folder, "1")))
      throw new CliError(
        `the real side ended half-way (exit code ${status}):\n${said.trim().split("\n").slice(-6).join("\n")}`,
        2,
      );
    return {
      frames: this.frames(readCapture),
      states: { "after the set-up": this.looks("0"), "at the end": this.looks("1") },
      played: {
        age: Number(this.times("age")[0]),
        lines: this.times("lines").map(Number),
        checks: this.times("checks").map(timeOf),
      },
    };
  }

  private play(file: string): Promise<{ readonly status: number; readonly said: string }> {
    const command = mayMakeNamespaces() ? ["bash", file, "--check"] : ["unshare", "-Urnm", "bash", file, "--check"];
    const env = {
      ...process.env,
      LC_ALL: "C",
      XENLAB_TWIN: this.folder,
      XENLAB_PREFIX: process.env["XENLAB_PREFIX"] ?? `xltwin${process.pid}`,
    };
    const child = spawn(command[0]!, command.slice(1), { stdio: ["ignore", "pipe", "pipe"], env });
    this.child = child;
    let said = "";
    child.stdout.on("data", () => {});
    child.stderr.on("data", (chunk: Buffer) => {
      said += chunk.toString();
    });
    return new Promise((resume, refuse) => {
      child.on("error", (error) => refuse(new CliError(`the real side cannot run: ${error.message}`, 2)));
      child.on("close", (status) => resume({ status: status ?? 1, said }));
    });
  }

  /** The script sweeps up, and then its process ends. */
  interrupt(): void {
    this.child?.kill("SIGTERM");
  }

  close(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  private times(name: string): string[] {
    const text = readFileSync(join(this.folder, name), "utf8").trim();
    return text === "" ? [] : text.split("\n");
  }

  private looks(when: string): Map<string, string[]> {
    const folder = join(this.folder, when);
    return new Map(
      readdirSync(folder).map((machine) => {
        const files = readdirSync(join(folder, machine)).toSorted((a, b) => Number(a) - Number(b));
        return [machine, files.map((name) => readFileSync(join(folder, machine, name), "utf8"))];
      }),
    );
  }

  /** A device has as many files as it had names; those of one name follow each other. */
  private frames(readCapture: ReadCapture): WorldRecord["frames"] {
    const frames = new Map<string, { readonly setUp: Uint8Array[]; readonly run: Uint8Array[] }>();
    const done = BigInt(readFileSync(join(this.folder, "done"), "utf8").trim());
    const files = readdirSync(this.folder).filter((name) => name.endsWith(".point"));
    const stamp = (name: string): number => Number(name.split(".").at(-2));
    for (const name of files.toSorted((a, b) => stamp(a) - stamp(b))) {
      const point = readFileSync(join(this.folder, name), "utf8").trim();
      if (point.startsWith("switch-")) continue;
      const file = join(this.folder, name.replace(/point$/, "pcap"));
      if (!existsSync(file))
        throw new CliError(`the real side has no capture of ${point}: tcpdump did not start there`, 2);
      const capture = readCapture(readFileSync(file));
      const own = frames.get(point) ?? { setUp: [], run: [] };
      for (const { bytes, nanos } of capture.packets) own[nanos < done ? "setUp" : "run"].push(bytes);
      frames.set(point, own);
    }
    return frames;
  }
}

const timeOf = (text: string): number | null => (text === "-" ? null : Number(text));

type ReadCapture = (file: Uint8Array) => {
  readonly packets: readonly { readonly bytes: Uint8Array; readonly nanos: bigint }[];
};

/** Root of the machine, or of a container that may do this. */
const mayMakeNamespaces = (): boolean => process.getuid?.() === 0 && spawnSync("unshare", ["-n", "true"]).status === 0;

const lastWords = (said: string, file: string): string =>
  said
    .trim()
    .split("\n")
    .filter((line) => line.startsWith(`${file}: `))
    .map((line) => line.replace(`${file}: `, ""))
    .join("; ");
