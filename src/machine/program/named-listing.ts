/** What ss, netstat and route print once every name is known that they want: the real ones stand still at each of them. */
import type { Ipv4 } from "../../packet/address.ts";
import { type Process, Program } from "../process.ts";
import { type NamesOwner, ReverseNames } from "./reverse-names.ts";

/** Names of hosts, as far as they have been looked up; null: only numbers are wanted. */
export type HostNames = { of(address: Ipv4): string | null } | null;

export abstract class NamedListing extends Program implements NamesOwner {
  private names: ReverseNames | null = null;

  /** Of these the names are wanted; null: of none. */
  protected abstract addresses(process: Process): readonly Ipv4[] | null;
  /** Answers the exit code. */
  protected abstract print(process: Process, names: HostNames): number;

  /** Where no name is wanted there is nothing to wait for. */
  run(process: Process): Program | number {
    return this.addresses(process) === null ? this.print(process, null) : this;
  }

  start(): void {
    this.names = new ReverseNames(this.process, this);
    this.named();
  }

  named(): void {
    const names = this.names!;
    const open = this.addresses(this.process)!.find((address) => names.isOpen(address));
    if (open !== undefined) return names.ask(open);
    this.process.exit(this.print(this.process, names));
  }

  override ended(): void {
    this.names?.close();
  }
}
