/**
 * The screen and keyboard of a process that somebody started from outside: what it printed, with its times, for the
 * lab to pull, and a pipe to type into. Keeps the last `limit` characters and says aloud what it forgot (promise P7).
 */
import type { Scheduler } from "../engine/scheduler.ts";
import type { Nanos } from "../engine/time.ts";
import type { Errno } from "./errno.ts";
import { type Holder, type Output, Pipe } from "./stream.ts";

/** "note" is xenlab's own word, not the process's. */
export type ConsoleStream = "stdout" | "stderr" | "note";

export interface ConsoleChunk {
  readonly time: Nanos;
  readonly stream: ConsoleStream;
  readonly text: string;
}

/** What `Console.since` hands out. */
export interface ConsolePull {
  readonly chunks: readonly ConsoleChunk[];
  /** Give this to the next call. */
  readonly next: number;
}

/** Chunks kept, however short they are. */
const CHUNK_LIMIT = 65_536;

export class Console {
  readonly input = new Pipe();
  readonly stdout: Output;
  readonly stderr: Output;
  /** Characters that fell out so far. */
  forgotten = 0;
  private readonly scheduler: Scheduler;
  private readonly limit: number;
  private chunks: ConsoleChunk[] = [];
  private size = 0;
  /** Number of the first chunk that is still there. */
  private first = 0;

  /** Keeps at most `limit` characters. */
  constructor(scheduler: Scheduler, limit = 1024 * 1024) {
    this.scheduler = scheduler;
    this.limit = limit;
    this.stdout = new ConsoleOutput(this, "stdout");
    this.stderr = new ConsoleOutput(this, "stderr");
  }

  push(stream: ConsoleStream, text: string): void {
    if (text === "") return;
    this.chunks.push({ time: this.scheduler.now, stream, text });
    this.size += text.length;
    if (this.size > this.limit || this.chunks.length > CHUNK_LIMIT) this.forget();
  }

  /** The chunks from number `index` on; a note comes first when some of them are gone. */
  since(index: number): ConsolePull {
    const chunks = this.chunks.slice(Math.max(0, index - this.first));
    const next = this.first + this.chunks.length;
    if (index >= this.first) return { chunks, next };
    return { chunks: [this.gap(), ...chunks], next };
  }

  /** Everything still there of one stream, or of both in their order. */
  text(stream: ConsoleStream | null = null): string {
    return this.chunks
      .filter((chunk) => stream === null || chunk.stream === stream)
      .map((chunk) => chunk.text)
      .join("");
  }

  private gap(): ConsoleChunk {
    const time = this.chunks[0]?.time ?? this.scheduler.now;
    return { time, stream: "note", text: `[${this.forgotten} characters of earlier output forgotten]\n` };
  }

  /** Drops the oldest until three quarters of the limit are left, so that it does not run for every chunk. */
  private forget(): void {
    let gone = 0;
    while (
      gone < this.chunks.length - 1 &&
      (this.size > this.limit * 0.75 || this.chunks.length - gone > CHUNK_LIMIT / 2)
    ) {
      const length = this.chunks[gone++]!.text.length;
      this.size -= length;
      this.forgotten += length;
    }
    this.chunks = this.chunks.slice(gone);
    this.first += gone;
  }
}

class ConsoleOutput implements Output {
  readonly full = false;
  private readonly console: Console;
  private readonly stream: ConsoleStream;

  constructor(console: Console, stream: ConsoleStream) {
    this.console = console;
    this.stream = stream;
  }

  write(text: string): Errno | null {
    this.console.push(this.stream, text);
    return null;
  }

  retain(_writer: Holder): void {}
  release(_writer: Holder): void {}
}
