/**
 * The file tree a machine is born with: what a fresh Debian has of what commands and people look at.
 */

import type { Box } from "./box.ts";
import { type FileTree, NullFile } from "./files.ts";
import { procDirectory } from "./proc.ts";
import { NetClass } from "./sys-class-net.ts";

const DIRECTORIES = [
  "/etc",
  "/dev",
  "/proc",
  "/sys/class",
  "/tmp",
  "/root",
  "/run",
  "/var/log",
  "/var/run",
  "/var/lib/dhcp",
  "/var/lib/misc",
];

export function defaultFiles(machine: Box, files: FileTree): void {
  for (const path of DIRECTORIES) files.makePath(path);
  files.write("/etc/hostname", `${machine.staticHostname}\n`);
  files.write("/etc/hosts", `127.0.0.1\tlocalhost\n127.0.1.1\t${machine.staticHostname}\n`);
  files.attach("/dev/null", new NullFile());
  files.attach("/proc", procDirectory(machine));
  files.attach("/sys/class/net", new NetClass(machine.table));
}
