/**
 * `/proc/net/snmp` and `/proc/net/netstat`: what the network stack has counted. Follows net/ipv4/proc.c of Linux 6.1, which
 * counts in OutRequests what is forwarded too, and leaves out OutTransmits. A counter of what is not modelled (TCP sockets,
 * UDP-Lite) is 0. No lines of MPTCP and SCTP.
 */
import type { Box } from "../box.ts";

export type Counter = readonly [name: string, value: number];
/** A line of names and a line of values, both behind "Ip:". */
export interface CounterGroup {
  readonly name: string;
  readonly counters: readonly Counter[];
}

/** As `/proc/net/snmp` has them: a name for each of these types. */
const ICMP_TYPES: readonly (readonly [name: string, type: number])[] = [
  ["DestUnreachs", 3],
  ["TimeExcds", 11],
  ["ParmProbs", 12],
  ["SrcQuenchs", 4],
  ["Redirects", 5],
  ["Echos", 8],
  ["EchoReps", 0],
  ["Timestamps", 13],
  ["TimestampReps", 14],
  ["AddrMasks", 17],
  ["AddrMaskReps", 18],
];
/** IcmpMsg comes in pieces of so many. */
const PER_LINE = 16;

export function snmpGroups({ net }: Box): CounterGroup[] {
  const { snmp, settings } = net;
  const { ip, icmp, tcp, udp } = snmp;
  return [
    {
      name: "Ip",
      counters: [
        ["Forwarding", settings.all.forwarding === 0 ? 2 : 1],
        ["DefaultTTL", settings.ipv4.ip_default_ttl],
        ["InReceives", ip.inReceives],
        ["InHdrErrors", ip.inHdrErrors],
        ["InAddrErrors", ip.inAddrErrors],
        ["ForwDatagrams", ip.forwDatagrams],
        ["InUnknownProtos", ip.inUnknownProtos],
        ["InDiscards", ip.inDiscards],
        ["InDelivers", ip.inDelivers],
        ["OutRequests", ip.outRequests],
        ["OutDiscards", ip.outDiscards],
        ["OutNoRoutes", ip.outNoRoutes],
        ["ReasmTimeout", ip.reasmTimeout],
        ["ReasmReqds", ip.reasmReqds],
        ["ReasmOKs", ip.reasmOKs],
        ["ReasmFails", ip.reasmFails],
        ["FragOKs", ip.fragOKs],
        ["FragFails", ip.fragFails],
        ["FragCreates", ip.fragCreates],
      ],
    },
    {
      name: "Icmp",
      counters: [
        ["InMsgs", icmp.inMsgs],
        ["InErrors", icmp.inErrors],
        ["InCsumErrors", icmp.inCsumErrors],
        ...ICMP_TYPES.map(([name, type]): Counter => [`In${name}`, icmp.inType[type]!]),
        ["OutMsgs", icmp.outMsgs],
        ["OutErrors", icmp.outErrors],
        ...ICMP_TYPES.map(([name, type]): Counter => [`Out${name}`, icmp.outType[type]!]),
      ],
    },
    ...icmpMessages([...typed("In", icmp.inType), ...typed("Out", icmp.outType)]),
    {
      name: "Tcp",
      counters: [
        ["RtoAlgorithm", 1],
        ["RtoMin", 200],
        ["RtoMax", 120_000],
        ["MaxConn", -1],
        ...zeros("ActiveOpens PassiveOpens AttemptFails EstabResets CurrEstab"),
        ["InSegs", tcp.inSegs],
        ["OutSegs", tcp.outSegs],
        ["RetransSegs", 0],
        ["InErrs", tcp.inErrs],
        ["OutRsts", tcp.outRsts],
        ["InCsumErrors", tcp.inCsumErrors],
      ],
    },
    {
      name: "Udp",
      counters: [
        ["InDatagrams", udp.inDatagrams],
        ["NoPorts", udp.noPorts],
        ["InErrors", udp.inErrors],
        ["OutDatagrams", udp.outDatagrams],
        ["RcvbufErrors", udp.rcvbufErrors],
        ["SndbufErrors", 0],
        ["InCsumErrors", udp.inCsumErrors],
        ["IgnoredMulti", udp.ignoredMulti],
        ["MemErrors", 0],
      ],
    },
    { name: "UdpLite", counters: zeros(UDP_LITE) },
  ];
}

const UDP_LITE =
  "InDatagrams NoPorts InErrors OutDatagrams RcvbufErrors SndbufErrors InCsumErrors IgnoredMulti MemErrors";

const zeros = (names: string): Counter[] => names.split(" ").map((name) => [name, 0]);

const typed = (side: string, counts: Uint32Array): Counter[] =>
  [...counts].flatMap((count, type): Counter[] => (count === 0 ? [] : [[`${side}Type${type}`, count]]));

function icmpMessages(all: readonly Counter[]): CounterGroup[] {
  const groups: CounterGroup[] = [];
  for (let at = 0; at < all.length; at += PER_LINE)
    groups.push({ name: "IcmpMsg", counters: all.slice(at, at + PER_LINE) });
  return groups;
}

export function netstatGroups({ net }: Box): CounterGroup[] {
  const { ip } = net.snmp;
  const known: Readonly<Record<string, number>> = {
    ArpFilter: ip.arpFilter,
    IPReversePathFilter: ip.reversePathFilter,
  };
  return [
    { name: "TcpExt", counters: TCP_EXT.split(/\s+/).map((name) => [name, known[name] ?? 0]) },
    {
      name: "IpExt",
      counters: [
        ["InNoRoutes", ip.inNoRoutes],
        ["InTruncatedPkts", ip.inTruncatedPkts],
        ["InMcastPkts", ip.inMcastPkts],
        ["OutMcastPkts", ip.outMcastPkts],
        ["InBcastPkts", ip.inBcastPkts],
        ["OutBcastPkts", ip.outBcastPkts],
        ["InOctets", ip.inOctets],
        ["OutOctets", ip.outOctets],
        ["InMcastOctets", ip.inMcastOctets],
        ["OutMcastOctets", ip.outMcastOctets],
        ["InBcastOctets", ip.inBcastOctets],
        ["OutBcastOctets", ip.outBcastOctets],
        ["InCsumErrors", ip.inCsumErrors],
        ["InNoECTPkts", ip.inByEcn[0]!],
        ["InECT1Pkts", ip.inByEcn[1]!],
        ["InECT0Pkts", ip.inByEcn[2]!],
        ["InCEPkts", ip.inByEcn[3]!],
        ["ReasmOverlaps", ip.reasmOverlaps],
      ],
    },
  ];
}

/** snmp4_net_list */
const TCP_EXT = `SyncookiesSent SyncookiesRecv SyncookiesFailed EmbryonicRsts PruneCalled RcvPruned OfoPruned OutOfWindowIcmps
LockDroppedIcmps ArpFilter TW TWRecycled TWKilled PAWSActive PAWSEstab DelayedACKs DelayedACKLocked DelayedACKLost
ListenOverflows ListenDrops TCPHPHits TCPPureAcks TCPHPAcks TCPRenoRecovery TCPSackRecovery TCPSACKReneging TCPSACKReorder
TCPRenoReorder TCPTSReorder TCPFullUndo TCPPartialUndo TCPDSACKUndo TCPLossUndo TCPLostRetransmit TCPRenoFailures
TCPSackFailures TCPLossFailures TCPFastRetrans TCPSlowStartRetrans TCPTimeouts TCPLossProbes TCPLossProbeRecovery
TCPRenoRecoveryFail TCPSackRecoveryFail TCPRcvCollapsed TCPBacklogCoalesce TCPDSACKOldSent TCPDSACKOfoSent TCPDSACKRecv
TCPDSACKOfoRecv TCPAbortOnData TCPAbortOnClose TCPAbortOnMemory TCPAbortOnTimeout TCPAbortOnLinger TCPAbortFailed
TCPMemoryPressures TCPMemoryPressuresChrono TCPSACKDiscard TCPDSACKIgnoredOld TCPDSACKIgnoredNoUndo TCPSpuriousRTOs
TCPMD5NotFound TCPMD5Unexpected TCPMD5Failure TCPSackShifted TCPSackMerged TCPSackShiftFallback TCPBacklogDrop
PFMemallocDrop TCPMinTTLDrop TCPDeferAcceptDrop IPReversePathFilter TCPTimeWaitOverflow TCPReqQFullDoCookies
TCPReqQFullDrop TCPRetransFail TCPRcvCoalesce TCPOFOQueue TCPOFODrop TCPOFOMerge TCPChallengeACK TCPSYNChallenge
TCPFastOpenActive TCPFastOpenActiveFail TCPFastOpenPassive TCPFastOpenPassiveFail TCPFastOpenListenOverflow
TCPFastOpenCookieReqd TCPFastOpenBlackhole TCPSpuriousRtxHostQueues BusyPollRxPackets TCPAutoCorking TCPFromZeroWindowAdv
TCPToZeroWindowAdv TCPWantZeroWindowAdv TCPSynRetrans TCPOrigDataSent TCPHystartTrainDetect TCPHystartTrainCwnd
TCPHystartDelayDetect TCPHystartDelayCwnd TCPACKSkippedSynRecv TCPACKSkippedPAWS TCPACKSkippedSeq TCPACKSkippedFinWait2
TCPACKSkippedTimeWait TCPACKSkippedChallenge TCPWinProbe TCPKeepAlive TCPMTUPFail TCPMTUPSuccess TCPDelivered
TCPDeliveredCE TCPAckCompressed TCPZeroWindowDrop TCPRcvQDrop TCPWqueueTooBig TCPFastOpenPassiveAltKey TcpTimeoutRehash
TcpDuplicateDataRehash TCPDSACKRecvSegs TCPDSACKIgnoredDubious TCPMigrateReqSuccess TCPMigrateReqFailure`;

/** Each group a line of names and one of values. */
export const groupsText = (groups: readonly CounterGroup[]): string =>
  groups
    .map(({ name, counters }) => {
      const words = (pick: 0 | 1): string => counters.map((each) => ` ${each[pick]}`).join("");
      return `${name}:${words(0)}\n${name}:${words(1)}\n`;
    })
    .join("");
