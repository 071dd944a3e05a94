/** What the commands in $( ) print, kept until they are over. */
import { ENOMEM, type Errno } from "../errno.ts";
import { type Holder, type Output, PIPE_LIMIT } from "../stream.ts";

export class Capture implements Output {
  readonly full = false;
  private readonly chunks: string[] = [];
  private size = 0;

  write(text: string): Errno | null {
    if (this.size + text.length > PIPE_LIMIT) return ENOMEM;
    this.chunks.push(text);
    this.size += text.length;
    return null;
  }

  /** Without the newlines at its end. */
  get text(): string {
    return this.chunks.join("").replace(/\n+$/, "");
  }

  retain(_writer: Holder): void {}
  release(_writer: Holder): void {}
}
