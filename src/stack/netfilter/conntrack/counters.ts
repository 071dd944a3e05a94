/** What `conntrack -S` prints, struct ip_conntrack_stat; there under one CPU for all. */
export class ConntrackCounters {
  /** Lookups of NAT for a free tuple that found one taken. */
  found = 0;
  invalid = 0;
  insert = 0;
  insertFailed = 0;
  drop = 0;
  earlyDrop = 0;
  error = 0;
  searchRestart = 0;
  clashResolve = 0;
  chainTooLong = 0;
}
