// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the braces are the shell's
/**
 * How network-nat and vif-nat look for ISC dhcpd and edit its configuration: functions of xen-network-common.sh and vif-nat,
 * Xen 3.0 to 4.17. Without `dhcp=yes` (from 4.0 on: without /etc/dhcpd.conf) nothing of it is done.
 *
 * Not modelled: the lock vif-nat-dhcp; the list of interfaces in the third file, which must be there from 4.0 on; `diff`, which only spares a file that is the same from being written; the daemon itself,
 * which is whatever the init script starts.
 */
import type { Condition, ScriptStep, ScriptView } from "./script.ts";

export interface DhcpdEra {
  /** Since 4.0 dhcpd.conf itself switches the feature on. */
  readonly byFile: boolean;
  readonly configurations: readonly string[];
  readonly initScripts: readonly string[];
  /** The file with the interfaces dhcpd listens on: vif-nat wants it since 4.0. */
  readonly argumentFiles: readonly string[];
}

export const DHCPD_3: DhcpdEra = {
  byFile: false,
  configurations: ["/etc/dhcp3/dhcpd.conf", "/etc/dhcpd.conf"],
  initScripts: ["dhcp3-server", "dhcp", "dhcpd"],
  argumentFiles: [],
};

export const DHCPD_42: DhcpdEra = {
  ...DHCPD_3,
  byFile: true,
  argumentFiles: ["/etc/sysconfig/dhcpd", "/etc/defaults/dhcp", "/etc/default/dhcp3-server"],
};

export const DHCPD_417: DhcpdEra = {
  byFile: true,
  configurations: ["/etc/dhcp/dhcpd.conf", "/etc/dhcp3/dhcpd.conf", "/etc/dhcpd.conf"],
  initScripts: ["isc-dhcp-server", "dhcp-server", "dhcp3-server", "dhcp", "dhcpd"],
  argumentFiles: [
    "/etc/sysconfig/dhcpd",
    "/etc/defaults/dhcp",
    "/etc/default/dhcp-server",
    "/etc/default/dhcp3-server",
  ],
};

export const wantsDhcp: Condition = (script) => script.get("dhcp") !== "no";

/** Finds the files, or ends the script; `withArguments`: vif-nat needs the third file too. */
export function findDhcpd(era: DhcpdEra, withArguments: boolean): ScriptStep[] {
  const first = (script: ScriptView, paths: readonly string[], wanted?: "executable"): string =>
    paths.find((path) => script.file(path, wanted)) ?? "";
  const files =
    withArguments && era.argumentFiles.length > 0 ? "configuration or init or args" : "configuration or init";
  const missing: Condition = (script) =>
    wantsDhcp(script) &&
    (script.get("dhcpd_conf_file") === "" ||
      script.get("dhcpd_init_file") === "" ||
      (withArguments && era.argumentFiles.length > 0 && script.get("dhcpd_arg_file") === ""));
  return [
    {
      set: "dhcp",
      to: (script) => {
        if (script.get("dhcp") !== "") return script.get("dhcp");
        return era.byFile && script.file("/etc/dhcpd.conf") ? "yes" : "no";
      },
    },
    { set: "dhcpd_conf_file", to: (script) => first(script, era.configurations) },
    {
      set: "dhcpd_init_file",
      to: (script) =>
        first(
          script,
          era.initScripts.map((name) => `/etc/init.d/${name}`),
          "executable",
        ),
    },
    { set: "dhcpd_arg_file", to: (script) => first(script, era.argumentFiles) },
    { say: `Failed to find dhcpd ${files} file.\n`, to: "stderr", when: missing },
    { exit: 1, when: missing },
  ];
}

/** Takes the lines with a text out of dhcpd.conf. An empty file is the script's end: grep finds nothing to print. */
export const removeLines = (text: string, when: Condition): ScriptStep[] => [
  {
    run: `grep -v "${text}" $dhcpd_conf_file >/tmp/dhcpd.conf.new`,
    why: "The file without the line, in case an earlier run has left one.",
    shell: true,
    when,
  },
  { run: "mv /tmp/dhcpd.conf.new $dhcpd_conf_file", why: "It takes the place of the old one.", when },
];

/** `restart || true` for a vif; a network script dies of a dhcpd that will not start. */
export const restartDhcpd = (when: Condition, ignored: boolean): ScriptStep => ({
  run: "$dhcpd_init_file restart",
  why: "dhcpd reads its configuration only when it starts.",
  when,
  ...(ignored ? { failure: "ignored" as const } : {}),
});
