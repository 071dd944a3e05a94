/** Captures that several of these tests write. */
import { execFile, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PcapngWriter } from "../../../src/lab/capture/pcapng.ts";

/** 2006-01-02 15:04:05 UTC */
export const EPOCH = 1_136_214_245;

export function openPcapng(epoch = EPOCH): PcapngWriter {
  const writer = new PcapngWriter(epoch);
  writer.section({ hardware: "virtual", os: "Linux", application: "xenlab" });
  return writer;
}

/** A broadcast Ethernet frame of an experimental ethertype. */
export function frameOf(length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  for (let i = 0; i < length; i++) bytes[i] = i * 7;
  bytes.set([0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x00, 0x16, 0x3e, 0, 0, 1, 0x88, 0xb5].slice(0, length));
  return bytes;
}

export function concat(parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(Buffer.concat(parts));
}

/** Writes the file, gives its path to `use`, and leaves nothing behind. */
export function withFile<Result>(bytes: Uint8Array, use: (path: string) => Result): Result {
  const folder = mkdtempSync(join(tmpdir(), "xenlab-capture-"));
  try {
    const path = join(folder, "file");
    writeFileSync(path, bytes);
    return use(path);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

export interface Output {
  readonly stdout: string;
  readonly stderr: string;
  readonly status: number | null;
}

export function run(command: string, args: readonly string[]): Output {
  const { stdout, stderr, status } = spawnSync(command, args, { encoding: "utf8", env: { ...process.env, TZ: "UTC" } });
  return { stdout, stderr, status };
}

/** Each frame's fields as tshark prints them: one row per frame. */
export function tshark(path: string, fields: readonly string[]): { rows: string[][]; output: Output } {
  const output = run("tshark", ["-n", "-r", path, "-T", "fields", ...fields.flatMap((field) => ["-e", field])]);
  const rows = output.stdout.split("\n").slice(0, -1);
  return { rows: rows.map((row) => row.split("\t")), output };
}

/** The packet ids tshark reads in each file, and whether it says that the file is cut; four files at a time. */
export async function tsharkIds(files: readonly Uint8Array[]): Promise<{ ids: string[]; cut: boolean }[]> {
  const folder = mkdtempSync(join(tmpdir(), "xenlab-capture-"));
  const results: { ids: string[]; cut: boolean }[] = [];
  for (let i = 0; i < files.length; i += 4) {
    results.push(...(await Promise.all(files.slice(i, i + 4).map((file, j) => idsOf(join(folder, `${i + j}`), file)))));
  }
  rmSync(folder, { recursive: true });
  return results;
}

function idsOf(path: string, file: Uint8Array): Promise<{ ids: string[]; cut: boolean }> {
  writeFileSync(path, file);
  // tshark exits with 2 when the file is cut: not an error here.
  return new Promise((resolve) => {
    execFile("tshark", ["-n", "-r", path, "-T", "fields", "-e", "frame.packet_id"], (_error, stdout, stderr) =>
      resolve({ ids: stdout.split("\n").slice(0, -1), cut: stderr.includes("cut short") }),
    );
  });
}
