/**
 * The counters behind /proc/net/snmp and `netstat -s`: RFC 4293 (IP), RFC 4293 and 2011 (ICMP), RFC 4022 (TCP),
 * RFC 4113 (UDP).
 * Names are the MIB's as Linux prints them, with a small first letter.
 */

export class IpCounters {
  inReceives = 0;
  inHdrErrors = 0;
  inAddrErrors = 0;
  forwDatagrams = 0;
  inUnknownProtos = 0;
  inDiscards = 0;
  inDelivers = 0;
  outRequests = 0;
  outDiscards = 0;
  outNoRoutes = 0;
  reasmTimeout = 0;
  reasmReqds = 0;
  reasmOKs = 0;
  reasmFails = 0;
  fragOKs = 0;
  fragFails = 0;
  fragCreates = 0;
  /** From /proc/net/netstat, IpExt. */
  inTruncatedPkts = 0;
  inNoRoutes = 0;
  inCsumErrors = 0;
  reasmOverlaps = 0;
  inMcastPkts = 0;
  inMcastOctets = 0;
  inBcastPkts = 0;
  inBcastOctets = 0;
  inOctets = 0;
  outMcastPkts = 0;
  outMcastOctets = 0;
  outBcastPkts = 0;
  outBcastOctets = 0;
  outOctets = 0;
  /** InNoECTPkts, InECT1Pkts, InECT0Pkts, InCEPkts: by the two bits of RFC 3168. */
  readonly inByEcn = new Uint32Array(4);
  /** From /proc/net/netstat, TcpExt. */
  reversePathFilter = 0;
  arpFilter = 0;
}

export class IcmpCounters {
  inMsgs = 0;
  inErrors = 0;
  inCsumErrors = 0;
  outMsgs = 0;
  /** Messages that could not be made; there are none here. */
  outErrors = 0;
  outRateLimitGlobal = 0;
  outRateLimitHost = 0;
  private inTypes: Uint32Array | null = null;
  private outTypes: Uint32Array | null = null;

  /** By message type: IcmpMsg InType and OutType. */
  get inType(): Uint32Array {
    this.inTypes ??= new Uint32Array(256);
    return this.inTypes;
  }

  get outType(): Uint32Array {
    this.outTypes ??= new Uint32Array(256);
    return this.outTypes;
  }
}

export class UdpCounters {
  inDatagrams = 0;
  noPorts = 0;
  inErrors = 0;
  outDatagrams = 0;
  rcvbufErrors = 0;
  inCsumErrors = 0;
  ignoredMulti = 0;
}

export class TcpCounters {
  inSegs = 0;
  outSegs = 0;
  inErrs = 0;
  outRsts = 0;
  inCsumErrors = 0;
}

/** Of the neighbour table: /proc/net/stat/arp_cache. */
export class NeighbourCounters {
  allocations = 0;
  destroys = 0;
  /** Resolutions that failed. */
  resolveFailed = 0;
  /** Packets thrown out of a full waiting queue. */
  unresolvedDiscards = 0;
  tableFulls = 0;
}

export class SnmpCounters {
  readonly ip = new IpCounters();
  readonly icmp = new IcmpCounters();
  readonly tcp = new TcpCounters();
  readonly udp = new UdpCounters();
  readonly neighbour = new NeighbourCounters();
}
