/** xenconsoled as far as others see it: the terminals it opens for domains' consoles. Follows tools/console/daemon/io.c. */

export class Xenconsoled {
  /** Numbers of terminals by domain id. */
  private readonly terminals = new Map<number, number>();
  private readonly taken = new Set<number>();
  /** No number below is free. */
  private lowest = 0;

  /** A domain has come: it gets the lowest /dev/pts number that no console has. */
  open(domid: number): string {
    while (this.taken.has(this.lowest)) this.lowest++;
    this.taken.add(this.lowest);
    this.terminals.set(domid, this.lowest);
    return `/dev/pts/${this.lowest}`;
  }

  /** A domain is gone. */
  close(domid: number): void {
    const number = this.terminals.get(domid);
    if (number === undefined) return;
    this.terminals.delete(domid);
    this.taken.delete(number);
    this.lowest = Math.min(this.lowest, number);
  }
}
