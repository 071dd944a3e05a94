/** The kinds of border, newest first: a new one is a file and a line here. */
import { CLASSIC, CLASSIC_UNQUEUED } from "./border-classic.ts";
import type { BorderKind } from "./border-kind.ts";
import { MODERN } from "./border-modern.ts";

export const BORDER_KINDS: readonly BorderKind[] = [MODERN, CLASSIC, CLASSIC_UNQUEUED];
