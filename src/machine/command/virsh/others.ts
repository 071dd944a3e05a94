/** What the real virsh can do beside: known by name, so that it is refused and not "unknown". */
export const OTHERS: readonly string[] =
  `attach-device attach-disk attach-interface autostart blkdeviotune blkiotune blockcommit blockcopy blockjob blockpull
   blockresize change-media console cpu-stats create define desc destroy detach-device detach-device-alias detach-disk
   detach-interface domdisplay domfsfreeze domfsthaw domfsinfo domfstrim domhostname domid domif-setlink domiftune
   domjobabort domjobinfo domname domrename dompmsuspend dompmwakeup domuuid domxml-from-native domxml-to-native dump dumpxml
   edit managedsave memtune metadata migrate numatune reboot reset restore resume save schedinfo screenshot send-key
   setmaxmem setmem setvcpus shutdown start suspend ttyconsole undefine update-device vcpucount vcpuinfo vcpupin vncdisplay
   domblkerror domblkinfo domblklist domblkstat domcontrol domif-getlink domifaddr domifstat dommemstat domstate domstats
   domtime event allocpages capabilities domcapabilities freecell hostname maxvcpus nodecpumap nodecpustats nodeinfo
   nodememstats nodesuspend sysinfo iface-begin iface-bridge iface-commit iface-define iface-destroy iface-dumpxml iface-edit
   iface-list iface-mac iface-name iface-rollback iface-start iface-unbridge iface-undefine nwfilter-define nwfilter-dumpxml
   nwfilter-edit nwfilter-list nwfilter-undefine net-edit net-event net-update net-port-list net-port-create
   net-port-dumpxml net-port-delete nodedev-list secret-list snapshot-list pool-list vol-list cd echo pwd connect quit exit`.split(
    /\s+/,
  );
