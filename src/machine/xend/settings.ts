/** What a domain shall be, as xm hands it to xend: the s-expression of xm's make_config, as far as a network needs it. */

/** What happens to a domain that stopped; xend takes any other word for `destroy`. */
export type AfterShutdown = string;

/** One item of `vif = [ ... ]`: the words as they were written. */
export type VifSettings = ReadonlyMap<string, string>;

export interface DomainSettings {
  readonly name: string;
  readonly uuid: string;
  /** MiB at the start, and at most. */
  readonly memory: number;
  readonly maxMemory: number;
  readonly vcpus: number;
  readonly kernel: string | null;
  readonly ramdisk: string | null;
  readonly args: string;
  readonly onPoweroff: AfterShutdown;
  readonly onReboot: AfterShutdown;
  readonly onCrash: AfterShutdown;
  readonly vifs: readonly VifSettings[];
}
