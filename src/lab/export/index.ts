/** What a lab can be exported to. A new kind is a file beside this and a line below. */
import type { ExportKind } from "./kind.ts";
import { netns } from "./netns/netns.ts";

export const EXPORTS: readonly ExportKind[] = [netns];
