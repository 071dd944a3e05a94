/**
 * What a socket has for a program that sleeps: the first message wakes it WAKE_LATENCY later, those that come until then
 * wait in the socket's own buffer, which has a limit, as before a process that has not been scheduled yet.
 */
import type { EventTarget } from "../../engine/scheduler.ts";
import type { Timer } from "../../engine/timer.ts";
import { type Process, WAKE_LATENCY } from "../process.ts";

/** The socket's side: stack's Socket. */
interface Holdable {
  hold(): void;
  release(): void;
}

export class Mailbox<Item> {
  private readonly items: Item[] = [];
  private readonly waker: Timer;
  private readonly sockets: Holdable[] = [];

  /** `operation` is what `target` is handed when there is something to read. */
  constructor(process: Process, target: EventTarget, operation: number) {
    this.waker = process.timer(target, operation);
  }

  /** Something is there, or was taken too early: the program will be woken. */
  get isPending(): boolean {
    return this.sockets.length > 0;
  }

  /** From a socket's owner: `socket` has just handed this out. */
  put(socket: Holdable, item: Item): void {
    this.items.push(item);
    if (this.sockets.includes(socket)) return;
    socket.hold();
    this.sockets.push(socket);
    if (this.waker.due === null) this.waker.armAfter(WAKE_LATENCY);
  }

  /** The program runs: everything that waits in the sockets is handed out now. */
  open(): void {
    this.waker.cancel();
    for (const socket of this.sockets) socket.release();
    this.sockets.length = 0;
  }

  /** The next one in order of arrival, or null. */
  take(): Item | null {
    return this.items.shift() ?? null;
  }
}
