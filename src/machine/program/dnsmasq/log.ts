/** Where a dnsmasq says what it does: syslog, a file of its own, or stderr (log.c). */
import { formatDate } from "../../calendar.ts";
import type { Process } from "../../process.ts";
import { syslog } from "../../syslog.ts";
import type { Settings } from "./settings.ts";

export class Log {
  private readonly process: Process;
  /** Null: syslog; "-": stderr. */
  private readonly file: string | null;

  constructor(process: Process, settings: Settings) {
    this.process = process;
    this.file = settings.logFile ?? (settings.has("no-daemon") ? "-" : null);
  }

  dns(text: string): void {
    this.write("dnsmasq", text);
  }

  dhcp(text: string): void {
    this.write("dnsmasq-dhcp", text);
  }

  private write(program: string, text: string): void {
    const { machine, pid } = this.process;
    if (this.file === null) return syslog(machine, program, pid, text);
    if (this.file === "-") return this.process.error(`${program}: ${text}\n`);
    const time = formatDate("%b %e %H:%M:%S", machine.clockSeconds);
    machine.files.append(this.file, `${time} ${program}[${pid}]: ${text}\n`);
  }
}
