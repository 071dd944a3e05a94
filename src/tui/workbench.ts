/**
 * One open topology on the screen: its session, the state of every view, and which view is in front. Gone when another
 * topology is opened.
 */

import type { Rect } from "./screen/rect.ts";
import { Looker } from "./session/looker.ts";
import type { Session } from "./session/session.ts";
import { VIEWS } from "./views/index.ts";
import type { Desk, Intent, Look, View, ViewId } from "./views/view.ts";

// biome-ignore lint/suspicious/noExplicitAny: each view has a state of its own, which only it looks into
type AnyView = View<any>;

export class Workbench {
  readonly session: Session;
  readonly looker: Looker;
  view: AnyView = VIEWS[0]!;
  private readonly states = new Map<ViewId, unknown>();

  constructor(session: Session, motion: boolean) {
    this.session = session;
    this.looker = new Looker(session, motion);
    for (const view of VIEWS) this.states.set(view.id, view.start(this.looker.last));
  }

  get look(): Look {
    return this.looker.last;
  }

  get state(): unknown {
    return this.states.get(this.view.id);
  }

  /** Brings a view to the front, where it may begin with something. */
  show(id: ViewId, intent: Intent | null, desk: Desk): void {
    this.view = VIEWS.find((view) => view.id === id) ?? this.view;
    const { view } = this;
    if (view.enter !== undefined) this.states.set(view.id, view.enter(this.state, this.look, desk));
    if (intent !== null && view.intend !== undefined)
      this.states.set(view.id, view.intend(intent, this.state, this.look, desk));
  }

  // What is done in a view may bring another one to the front: the new state is that of the view it was done in.

  act(action: string, desk: Desk, size: Rect): void {
    this.change((view, state) => view.act(action, state, this.look, desk, size));
  }

  /** A click at a cell of the body. */
  click(x: number, y: number, desk: Desk, size: Rect): void {
    this.change((view, state) => view.click?.(x, y, state, this.look, desk, size) ?? null);
  }

  /** The wheel at a cell of the body. */
  wheel(x: number, y: number, by: number, size: Rect): void {
    this.change((view, state) => view.wheel?.(x, y, by, state, this.look, size) ?? null);
  }

  /** True when the view's text field took the event. */
  take(event: Parameters<NonNullable<AnyView["take"]>>[0], desk: Desk): boolean {
    return this.change((view, state) => view.take?.(event, state, this.look, desk) ?? null);
  }

  /** The view in front has another state; false for null. It may bring another view to the front as it makes it. */
  private change(next: (view: AnyView, state: unknown) => unknown): boolean {
    const { view } = this;
    const state = next(view, this.state);
    if (state !== null) this.states.set(view.id, state);
    return state !== null;
  }

  /** Before a paint: a fresh look, and every view that follows what comes does so. */
  refresh(size: Rect): Look {
    const look = this.looker.take();
    const { view } = this;
    if (view.follow !== undefined) this.states.set(view.id, view.follow(this.state, look, size));
    return look;
  }
}
