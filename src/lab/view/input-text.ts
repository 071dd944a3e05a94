/** What came from outside as one line. A cable that is pulled or plugged in has a line of its own. */
import { unreachable } from "../../base/invariant.ts";
import type { CaptureChange, Input } from "../../engine/journal.ts";
import { hideControls } from "../topology/diagnostic.ts";

export function inputText(input: Exclude<Input, { kind: "plug" }>): string {
  switch (input.kind) {
    case "command":
      return `typed: ${hideControls(input.line)}`;
    case "shell":
      return "opened a shell";
    case "type":
      return input.text === null
        ? `^D to process ${input.process}`
        : `typed: ${hideControls(input.text.replace(/\n$/, ""))}`;
    case "signal":
      return `SIG${input.signal} to process ${input.process}`;
    case "capture":
      return captureText(input.device, input.change);
    default:
      return unreachable(input);
  }
}

function captureText(device: string, { on, filter }: CaptureChange): string {
  const what = on === undefined ? `capture of ${device}` : `capture of ${device} ${on ? "on" : "off"}`;
  return filter === undefined ? what : `${what}, ${filter === null ? "every frame" : `only ${hideControls(filter)}`}`;
}
