/** What the options of ss want to be shown of each socket. */
export interface SsSettings {
  /** -n: ports and protocols as numbers. */
  readonly numeric: boolean;
  /** -r: names of hosts. */
  readonly resolve: boolean;
  /** -e */
  readonly details: boolean;
  /** -m */
  readonly memory: boolean;
  /** -i: of a socket that is not UDP, a line that stays empty. */
  readonly info: boolean;
  /** -p */
  readonly processes: boolean;
  /** -T */
  readonly threads: boolean;
  readonly tos: boolean;
  readonly cgroup: boolean;
  readonly sockopt: boolean;
  /** -O */
  readonly oneline: boolean;
  /** Not -H. */
  readonly header: boolean;
}
