/**
 * Every command there is: the single source for the shell, tab completion and help. A new one is a file beside this
 * and a line here.
 */
import type { Command } from "../command.ts";
import { arping } from "./arping.ts";
import { bash, sh } from "./bash.ts";
import { brctl, oldBrctl } from "./brctl.ts";
import { bridge } from "./bridge.ts";
import { cat } from "./cat.ts";
import { chmod } from "./chmod.ts";
import { conntrack } from "./conntrack/index.ts";
import { cp } from "./cp.ts";
import { cut } from "./cut.ts";
import { date } from "./date.ts";
import { dhclient } from "./dhclient.ts";
import { dig } from "./dig.ts";
import { dmesg } from "./dmesg.ts";
import { dnsmasq } from "./dnsmasq.ts";
import { ebtables, ebtablesRestore, ebtablesSave } from "./ebtables/index.ts";
import { echo } from "./echo.ts";
import { echod } from "./echod.ts";
import { arptables, arptablesSave, ip6tables, ip6tablesRestore, ip6tablesSave } from "./empty-tables.ts";
import { env } from "./env.ts";
import { ethtool } from "./ethtool/index.ts";
import { falseCommand } from "./false.ts";
import { getent } from "./getent.ts";
import { grep } from "./grep.ts";
import { head } from "./head.ts";
import { host } from "./host.ts";
import { hostname } from "./hostname.ts";
import { ifdown, ifup } from "./ifupdown.ts";
import { ip } from "./ip/index.ts";
import { iptables } from "./iptables/index.ts";
import { iptablesRestore } from "./iptables/iptables-restore.ts";
import { iptablesSave } from "./iptables/iptables-save.ts";
import { kill } from "./kill.ts";
import { less } from "./less.ts";
import { ls } from "./ls.ts";
import { lsmod } from "./lsmod.ts";
import { mkdir } from "./mkdir.ts";
import { modprobe } from "./modprobe.ts";
import { mv } from "./mv.ts";
import { nc } from "./nc.ts";
import { arp } from "./net-tools/arp.ts";
import { ifconfig } from "./net-tools/ifconfig.ts";
import { netstat } from "./net-tools/netstat/index.ts";
import { route } from "./net-tools/route.ts";
import { nft } from "./nft.ts";
import { nslookup } from "./nslookup.ts";
import { nstat } from "./nstat.ts";
import { ping } from "./ping.ts";
import { printf } from "./printf.ts";
import { ps } from "./ps.ts";
import { pwd } from "./pwd.ts";
import { rm } from "./rm.ts";
import { seq } from "./seq.ts";
import { sleep } from "./sleep.ts";
import { sort } from "./sort.ts";
import { ss } from "./ss/index.ts";
import { sudo } from "./sudo.ts";
import { sysctl } from "./sysctl.ts";
import { tail } from "./tail.ts";
import { tc } from "./tc.ts";
import { tcpdump } from "./tcpdump.ts";
import { tee } from "./tee.ts";
import { timeout } from "./timeout.ts";
import { touch } from "./touch.ts";
import { tr } from "./tr.ts";
import { tracepath } from "./tracepath.ts";
import { traceroute } from "./traceroute.ts";
import { trueCommand } from "./true.ts";
import { udhcpc } from "./udhcpc.ts";
import { uname } from "./uname.ts";
import { uniq } from "./uniq.ts";
import { uptime } from "./uptime.ts";
import { virsh } from "./virsh/index.ts";
import { watch } from "./watch.ts";
import { wc } from "./wc.ts";
import { which } from "./which.ts";
import { xenstoreCommands } from "./xenstore.ts";
import { xl } from "./xl/index.ts";
import { xm } from "./xm/index.ts";

const ALL: readonly Command[] = [
  arp,
  bash,
  cat,
  chmod,
  conntrack,
  cp,
  cut,
  date,
  dmesg,
  echo,
  echod,
  env,
  ethtool,
  falseCommand,
  grep,
  head,
  hostname,
  ifconfig,
  ifdown,
  ifup,
  ip,
  kill,
  less,
  ls,
  lsmod,
  mkdir,
  modprobe,
  mv,
  printf,
  ps,
  pwd,
  rm,
  route,
  seq,
  sh,
  sleep,
  sort,
  sudo,
  sysctl,
  tail,
  tc,
  tee,
  timeout,
  touch,
  tr,
  trueCommand,
  uname,
  uniq,
  uptime,
  watch,
  wc,
  which,
  iptables,
  iptablesRestore,
  iptablesSave,
  ip6tables,
  ip6tablesRestore,
  ip6tablesSave,
  arptables,
  arptablesSave,
  nft,
  ebtables,
  ebtablesRestore,
  ebtablesSave,
  brctl,
  bridge,
  nc,
  ping,
  arping,
  tracepath,
  traceroute,
  tcpdump,
  nstat,
  netstat,
  ss,
  dnsmasq,
  udhcpc,
  dhclient,
  dig,
  host,
  nslookup,
  getent,
  ...xenstoreCommands,
  virsh,
  xl,
  xm,
];

/**
 * Which tools a machine has: those of today; those of the time of Xen 3 with xend's xm; or both toolstacks, as from 4.1 to
 * 4.4.
 */
export type Toolset = "modern" | "classic" | "both";

const old = ALL.map((each) => (each === brctl ? oldBrctl : each));

export const TOOLSETS: Readonly<Record<Toolset, readonly Command[]>> = {
  modern: ALL.filter((each) => each !== xm),
  classic: old.filter((each) => each !== xl),
  both: old,
};

const byName = (tools: readonly Command[]): ReadonlyMap<string, Command> =>
  new Map(tools.toReversed().map((each) => [each.name, each]));

/** The same by name; of two with one name the first. */
export const TOOLS_BY_NAME: Readonly<Record<Toolset, ReadonlyMap<string, Command>>> = {
  modern: byName(TOOLSETS.modern),
  classic: byName(TOOLSETS.classic),
  both: byName(TOOLSETS.both),
};
