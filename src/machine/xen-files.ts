/** What Xen's packages put into domain 0's file tree: hotplug scripts, xl.conf, log directory, debugfs. */

import type { Box } from "./box.ts";
import { FileNode } from "./files.ts";
import { NetbackDebug } from "./netback-debug.ts";
import { scriptText } from "./setup/index.ts";
import type { Script } from "./setup/script.ts";

const DIRECTORIES = ["/etc/xen/scripts", "/etc/xen/auto", "/var/lib/xen", "/var/log/xen", "/sys/kernel/debug"];

export function xenFiles(dom0: Box, scripts: readonly Script[]): void {
  const { files } = dom0;
  for (const path of DIRECTORIES) files.makePath(path);
  files.write("/etc/xen/xl.conf", "# Global xl settings; this lab reads none of them.\n");
  files.write("/var/log/xen/xen-hotplug.log", "");
  for (const script of scripts) {
    files.write(script.path, scriptText(script));
    const file = files.file(script.path);
    if (file instanceof FileNode) file.executable = true;
  }
  files.attach("/sys/kernel/debug/xen-netback", new NetbackDebug(dom0.table));
}
