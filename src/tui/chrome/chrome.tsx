/**
 * What Ink draws: the tabs, the footer with its hints or the last message, and the dialog in front. The body between is
 * left empty: views paint it themselves. It renders anew only when one of these changes, not when frames move.
 */
import { Box, Text } from "ink";
import type { ReactNode } from "react";
import { useSyncExternalStore } from "react";
import { hintSegments, layout, type Segment, tabSegments } from "../layout.ts";
import type { Rect } from "../screen/rect.ts";
import { fitLeft } from "../screen/surface.ts";
import type { Hint } from "../views/view.ts";
import type { DialogView } from "./dialog.ts";

export interface Message {
  readonly text: string;
  readonly kind: "plain" | "good" | "bad";
}

export interface ChromeState {
  readonly columns: number;
  readonly rows: number;
  readonly tabs: readonly {
    readonly id: string;
    readonly key: string;
    readonly title: string;
    readonly short: string;
  }[];
  readonly active: string;
  readonly hints: readonly Hint[];
  readonly message: Message | null;
  readonly dialog: { readonly area: Rect; readonly view: DialogView } | null;
}

export interface ChromeStore {
  subscribe(changed: () => void): () => void;
  getChrome(): ChromeState;
}

export function Chrome({ store }: { readonly store: ChromeStore }): ReactNode {
  const state = useSyncExternalStore(store.subscribe, store.getChrome);
  const { columns, rows, dialog } = state;
  const { body, tooSmall } = layout(columns, rows);
  if (tooSmall) return <Box width={columns} height={rows} />;
  return (
    <Box width={columns} height={rows} flexDirection="column">
      <Tabs state={state} />
      <Box height={body.height} />
      <Footer state={state} />
      {dialog !== null && (
        <Box
          position="absolute"
          marginLeft={dialog.area.x}
          marginTop={dialog.area.y}
          width={dialog.area.width}
          height={dialog.area.height}
        >
          {dialog.view.render(dialog.area)}
        </Box>
      )}
    </Box>
  );
}

function Tabs({ state }: { readonly state: ChromeState }): ReactNode {
  return (
    <Text wrap="truncate">
      {placed(tabSegments(state.tabs, state.columns)).map(({ segment, gap }) => (
        <Text key={segment.x}>
          {gap}
          {segment.action === `view:${state.active}` ? (
            <Text inverse bold>{` ${segment.key} ${segment.text} `}</Text>
          ) : (
            <Text>
              <Text bold>{` ${segment.key}`}</Text>
              <Text dimColor>{` ${segment.text} `}</Text>
            </Text>
          )}
        </Text>
      ))}
    </Text>
  );
}

function Footer({ state }: { readonly state: ChromeState }): ReactNode {
  const { columns, hints, message } = state;
  const segments = hintSegments(hints, columns);
  const help = segments.at(-1);
  if (message !== null)
    return (
      <Text wrap="truncate">
        <Text {...colourOf(message.kind)}>{fitLeft(` ${message.text}`, Math.max(0, (help?.x ?? columns) - 1))}</Text>{" "}
        {help !== undefined && <HintText hint={help} />}
      </Text>
    );
  return (
    <Text wrap="truncate">
      {placed(segments).map(({ segment, gap }) => (
        <Text key={segment.x}>
          {gap}
          <HintText hint={segment} />
        </Text>
      ))}
    </Text>
  );
}

const HintText = ({ hint }: { readonly hint: Segment }): ReactNode => (
  <Text>
    <Text color="cyan">{hint.key}</Text>
    <Text dimColor>{` ${hint.text}`}</Text>
  </Text>
);

const colourOf = (kind: Message["kind"]): { readonly color?: string; readonly bold?: boolean } =>
  kind === "bad" ? { color: "red", bold: true } : kind === "good" ? { color: "green" } : {};

/** The blanks before each piece, so that it stands at its place. */
function placed(segments: readonly Segment[]): { readonly segment: Segment; readonly gap: string }[] {
  return segments.map((segment, index) => {
    const before = segments[index - 1];
    const end = before === undefined ? 0 : before.x + before.width;
    return { segment, gap: " ".repeat(Math.max(0, segment.x - end)) };
  });
}
