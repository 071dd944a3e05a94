/**
 * What processes read from and write to: pipes and files opened for writing. Follows pipe(7) in what a reader and a
 * writer see. Streams carry text; bytes that are no text go through files (`tcpdump -w`).
 *
 * Nothing blocks: a writer that outruns its reader is kept whole up to `PIPE_LIMIT` and refused beyond (promise P7).
 * A polite writer looks at `full` and goes on when it is told of room.
 */
import { ENOMEM, EPIPE, type Errno } from "./errno.ts";
import { type FileNode, NullFile } from "./files.ts";

/** pipe(7): the capacity of a pipe, here in characters. */
export const PIPE_CAPACITY = 65_536;
/** What a pipe keeps of a writer that does not look at `full`, in characters. */
export const PIPE_LIMIT = 16 * 1024 * 1024;

/** Whoever holds an end of a stream and wants to hear of the other one. */
export interface Holder {
  /** Something to read, or the end of it. */
  wakeInput(): void;
  /** Room to write, or nobody left to read. */
  wakeOutput(): void;
}

/** Where a process writes. */
export interface Output {
  /** A writer should wait for `wakeOutput`. */
  readonly full: boolean;
  /** It is /dev/null: what takes long to print need not be made. */
  readonly discards?: boolean;
  /** The kernel's refusal, or null when all was taken. */
  write(text: string): Errno | null;
  retain(writer: Holder): void;
  release(writer: Holder): void;
}

export class Pipe implements Output {
  private chunks: string[] = [];
  private size = 0;
  private readonly readers: Holder[] = [];
  private readonly writers: Holder[] = [];
  /** No writer will come back: what is left is followed by the end. */
  private ended = false;

  /** A pipe that already holds everything it will ever hold: a file opened for reading. */
  static holding(text: string): Pipe {
    const pipe = new Pipe();
    if (text !== "") pipe.push(text);
    pipe.ended = true;
    return pipe;
  }

  get full(): boolean {
    return this.size >= PIPE_CAPACITY;
  }

  get isEmpty(): boolean {
    return this.size === 0;
  }

  write(text: string): Errno | null {
    if (this.readers.length === 0) return EPIPE;
    if (this.size + text.length > PIPE_LIMIT) return ENOMEM;
    if (text !== "") this.push(text);
    return null;
  }

  /** Everything there is; "" when nothing is there yet, null at the end. */
  read(): string | null {
    if (this.size === 0) return this.ended ? null : "";
    const text = this.chunks.join("");
    this.take(text, text.length);
    return text;
  }

  /** One line with its newline (the last one may lack it); "" when none is complete yet, null at the end. */
  readLine(): string | null {
    if (this.size === 0) return this.ended ? null : "";
    const text = this.chunks.join("");
    const newline = text.indexOf("\n");
    if (newline < 0 && !this.ended) return "";
    const length = newline < 0 ? text.length : newline + 1;
    this.take(text, length);
    return text.slice(0, length);
  }

  /** Text from outside: somebody types at a console. */
  type(text: string): void {
    if (text !== "" && !this.ended) this.push(text);
  }

  /** End of file: control-D at a console. */
  end(): void {
    this.ended = true;
    for (const reader of this.readers) reader.wakeInput();
  }

  retain(writer: Holder): void {
    this.writers.push(writer);
  }

  release(writer: Holder): void {
    takeOut(this.writers, writer);
    if (this.writers.length === 0) this.end();
  }

  retainReader(reader: Holder): void {
    this.readers.push(reader);
  }

  releaseReader(reader: Holder): void {
    takeOut(this.readers, reader);
    if (this.readers.length === 0) for (const writer of this.writers) writer.wakeOutput();
  }

  private push(text: string): void {
    this.chunks.push(text);
    this.size += text.length;
    for (const reader of this.readers) reader.wakeInput();
  }

  private take(text: string, length: number): void {
    const wasFull = this.full;
    this.chunks = length < text.length ? [text.slice(length)] : [];
    this.size -= length;
    if (wasFull && !this.full) for (const writer of this.writers) writer.wakeOutput();
  }
}

/** Mostly there is one, or the one who came last goes first: nothing moves then. */
function takeOut(holders: Holder[], holder: Holder): void {
  const at = holders.indexOf(holder);
  if (at < 0) return;
  if (at === holders.length - 1) holders.pop();
  else holders.splice(at, 1);
}

/** A file opened for writing at its end: `>` has truncated it before, `>>` has not. */
export class FileOutput implements Output {
  readonly full = false;
  private readonly file: FileNode;

  constructor(file: FileNode) {
    this.file = file;
  }

  get discards(): boolean {
    return this.file instanceof NullFile;
  }

  write(text: string): Errno | null {
    return this.file.append(text);
  }

  retain(_writer: Holder): void {}
  release(_writer: Holder): void {}
}
