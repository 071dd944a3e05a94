/** Text with SGR sequences, as Ink writes its frames, onto a surface. Other sequences are none of a frame and are skipped. */
import { afterSgr, PLAIN, type Style } from "./style.ts";
import { Surface } from "./surface.ts";

const SEQUENCE = /\x1b\[([0-9;:?]*)([@-~])/y;

export function parseFrame(frame: string, width: number, height: number): Surface {
  const surface = new Surface(width, height);
  const lines = frame.split("\n");
  let style = PLAIN;
  for (let y = 0; y < Math.min(height, lines.length); y++) style = parseLine(surface, y, lines[y]!, style);
  return surface;
}

function parseLine(surface: Surface, y: number, line: string, before: Style): Style {
  let style = before;
  let x = 0;
  let at = 0;
  while (at < line.length) {
    SEQUENCE.lastIndex = at;
    const found = line[at] === "\x1b" ? SEQUENCE.exec(line) : null;
    if (found !== null) {
      if (found[2] === "m") style = found[1]!.split(";").reduce((look, code) => afterSgr(look, Number(code)), style);
      at = SEQUENCE.lastIndex;
      continue;
    }
    const next = line.indexOf("\x1b", at + 1);
    const end = next < 0 ? line.length : next;
    x = surface.put(x, y, line.slice(at, end), style);
    at = end;
  }
  return style;
}
