/** What route and netstat print once every name is known that they want: the real ones stand still at each of them. */
import type { Ipv4 } from "../../../packet/address.ts";
import { type Process, Program } from "../../process.ts";
import { type NamesOwner, ReverseNames } from "../../program/reverse-names.ts";
import type { HostNames } from "./route-print.ts";

export abstract class NamedListing extends Program implements NamesOwner {
  private names: ReverseNames | null = null;

  /** Of these the names are wanted; null: of none. */
  protected abstract addresses(process: Process): readonly Ipv4[] | null;
  /** Answers the exit code. */
  protected abstract print(process: Process, names: HostNames): number;

  start(): void {
    this.names = new ReverseNames(this.process, this);
    this.named();
  }

  /** Where no name is wanted there is nothing to wait for. */
  run(process: Process): Program | number {
    return this.addresses(process) === null ? this.print(process, null) : this;
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
