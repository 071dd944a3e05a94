/** The border that every dialog has: its title on the upper edge, what it says of itself on the lower. */
import { Box, Text } from "ink";
import type { ReactNode } from "react";
import type { Rect } from "../screen/rect.ts";
import { rect } from "../screen/rect.ts";
import { cellWidth, fitLeft } from "../screen/surface.ts";

/** The middle of the screen, a little above: `width` by `height`, cut to what there is beside title and footer. */
export function centred(columns: number, rows: number, width: number, height: number): Rect {
  const w = Math.min(width, columns - 2);
  const h = Math.min(height, rows - 2);
  return rect(Math.floor((columns - w) / 2), 1 + Math.floor((rows - 2 - h) / 3), w, h);
}

export function Frame({
  area,
  title,
  note,
  children,
}: {
  readonly area: Rect;
  readonly title: string;
  readonly note?: string;
  readonly children: ReactNode;
}): ReactNode {
  const room = area.width - 6;
  const head = cellWidth(title) <= room ? title : fitLeft(title, room).trimEnd();
  const foot = note === undefined ? "" : fitLeft(note, Math.min(room, cellWidth(note))).trimEnd();
  const upper = `╭─ ${head} `;
  const lower = note === undefined ? "╰" : `╰─ ${foot} `;
  const fill = (start: string): string => "─".repeat(Math.max(0, area.width - 1 - cellWidth(start)));
  const inner = area.height - 2;
  return (
    <Box width={area.width} height={area.height} flexDirection="column">
      <Text>
        <Text color="cyan">╭─ </Text>
        <Text color="cyan" bold>
          {head}
        </Text>
        <Text color="cyan">{` ${fill(upper)}╮`}</Text>
      </Text>
      <Box height={inner}>
        <Box width={1} height={inner} flexDirection="column">
          <Text color="cyan">{Array(inner).fill("│").join("\n")}</Text>
        </Box>
        <Box width={area.width - 2} height={inner} flexDirection="column" overflow="hidden">
          {children}
        </Box>
        <Box width={1} height={inner} flexDirection="column">
          <Text color="cyan">{Array(inner).fill("│").join("\n")}</Text>
        </Box>
      </Box>
      <Text color="cyan">{`${lower}${fill(lower)}╯`}</Text>
    </Box>
  );
}
