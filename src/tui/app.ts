/**
 * The terminal's one state, and where every key goes: to the dialog in front, else to the text field of the view, then to
 * the bindings of the view, then to those everywhere. It knows neither Ink nor the real terminal.
 */
import { perform } from "./actions.ts";
import type { ChromeState, ChromeStore, Message } from "./chrome/chrome.tsx";
import type { Dialog } from "./chrome/dialog.ts";
import { FrontDesk } from "./desk.ts";
import type { Front, Host } from "./front.ts";
import { type KeyEvent, press } from "./keys/key-event.ts";
import { type Binding, bindingOf, EVERYWHERE, keyText } from "./keys/keymap.ts";
import { hintSegments, type Layout, layout, tabSegments } from "./layout.ts";
import type { Outside, TerminalOptions } from "./outside.ts";
import { contains, type Rect } from "./screen/rect.ts";
import type { Picture } from "./screen/screen.ts";
import { Surface } from "./screen/surface.ts";
import { drawStatus } from "./status.ts";
import { VIEWS } from "./views/index.ts";
import type { Hint, Intent, Look, ViewId } from "./views/view.ts";
import type { Workbench } from "./workbench.ts";

/** Footer hints, help not counted. */
const MOST_HINTS = 8;

export class App implements ChromeStore, Front {
  readonly host: Host;
  readonly outside: Outside;
  readonly options: TerminalOptions;
  readonly desk = new FrontDesk(this);
  bench: Workbench | null = null;
  mouse: boolean;
  private columns: number;
  private rows: number;
  private dialog: Dialog | null = null;
  private message: Message | null = null;
  /** Makes the message, as long as that is of something that changes. */
  private told: ((look: Look) => string) | null = null;
  private dialogVersion = 0;
  private wasRunning = false;
  private interrupted = false;
  private chrome: ChromeState | null = null;
  private readonly listeners = new Set<() => void>();

  constructor(host: Host, outside: Outside, options: TerminalOptions, columns: number, rows: number) {
    this.host = host;
    this.outside = outside;
    this.options = options;
    this.mouse = options.mouse;
    this.columns = columns;
    this.rows = rows;
  }

  readonly subscribe = (changed: () => void): (() => void) => {
    this.listeners.add(changed);
    return () => this.listeners.delete(changed);
  };

  readonly getChrome = (): ChromeState => {
    this.chrome ??= this.makeChrome();
    return this.chrome;
  };

  private makeChrome(): ChromeState {
    const { columns, rows, dialog, message } = this;
    return {
      columns,
      rows,
      tabs: VIEWS,
      active: this.bench?.view.id ?? "",
      hints: this.hints,
      message,
      dialog: dialog === null ? null : { area: dialog.area(columns, rows), view: dialog },
    };
  }

  /** Something has; Ink, which takes milliseconds, draws only when that is its to draw. `inside`: the dialog's content. */
  private changed(inside = false): void {
    const next = this.makeChrome();
    if (inside || this.chrome === null || !isSame(this.chrome, next)) {
      this.chrome = next;
      for (const listener of this.listeners) listener();
    }
    this.host.wake();
  }

  get layout(): Layout {
    return layout(this.columns, this.rows);
  }

  resize(columns: number, rows: number): void {
    this.columns = columns;
    this.rows = rows;
    this.changed();
  }

  say(text: string, kind: Message["kind"] = "plain"): void {
    this.message = { text, kind };
    this.told = null;
    this.changed();
  }

  tell(text: (look: Look) => string): void {
    this.say(text(this.bench!.look));
    this.told = text;
  }

  /** What is told of something that changes is as true as the rest of the screen. */
  private retell(look: Look): void {
    const { told, message } = this;
    if (told === null || message === null) return;
    const text = told(look);
    if (text === message.text) return;
    this.say(text);
    this.told = told;
  }

  show(id: ViewId, intent?: Intent): void {
    this.bench?.show(id, intent ?? null, this.desk);
    this.changed();
  }

  open(dialog: Dialog | null): void {
    this.dialog = dialog;
    this.changed();
  }

  setBench(bench: Workbench): void {
    this.bench?.session.close();
    this.bench = bench;
    this.changed();
  }

  get bindings(): readonly Binding[] {
    return [...(this.bench?.view.bindings ?? []), ...EVERYWHERE];
  }

  private get hints(): readonly Hint[] {
    const { ascii } = this.options;
    if (this.bench === null) return [FIRST, HELP].map((binding) => hintOf(binding, ascii));
    const typing = this.bench.view.typing?.(this.bench.state) ?? null;
    if (typing !== null)
      return [
        ...typing.map((binding) => ({ ...hintOf(binding, ascii), action: `${KEY}${binding.keys[0]!}` })),
        hintOf(HELP, ascii),
      ];
    const { running } = this.bench.session.pace;
    const here = this.bench.view.bindings;
    const taken = new Set(here.flatMap(({ keys }) => keys));
    // Space may mean something else in a view, which then has another key for it.
    const isPause = ({ action }: Binding): boolean => action === "pause" || action === "run";
    const all = [...here, ...EVERYWHERE.filter(({ keys, action }) => action !== "help" && !taken.has(keys[0]!))];
    return [...all.filter(isPause), ...all.filter((binding) => !isPause(binding))]
      .filter(({ hint }) => hint !== undefined)
      .slice(0, MOST_HINTS)
      .concat(HELP)
      .map((binding) => ({ ...hintOf(binding, ascii), ...(isPause(binding) && running ? { text: "pause" } : {}) }));
  }

  handle(event: KeyEvent): void {
    // What a click did was done as the button went down: what that said stays.
    if (event.kind === "mouse" && (event.action === "release" || event.action === "drag")) return;
    const seen = this.getChrome();
    this.message = null;
    if (!isInterrupt(event)) this.interrupted = false;
    if (event.kind === "mouse" && event.action === "press") this.click(event.x, event.y, seen);
    else this.dispatch(event);
    this.changed();
  }

  private dispatch(event: KeyEvent): void {
    const { bench, dialog } = this;
    if (dialog !== null && (!isInterrupt(event) || dialog.takesInterrupt === true)) return this.toDialog(event);
    if (event.kind === "mouse") return this.wheel(event);
    if (dialog === null && bench?.take(event, this.desk) === true) return;
    if (event.kind !== "key") return;
    if (isInterrupt(event)) return this.interrupt();
    const tab = VIEWS.find(({ key }) => event.name === key || event.name === `alt-${key}`);
    if (tab !== undefined) return this.show(tab.id);
    const own = bindingOf(event.name, bench?.view.bindings ?? []);
    if (own !== null) return this.act(own.action);
    const everywhere = bindingOf(event.name, EVERYWHERE);
    if (everywhere !== null) this.act(everywhere.action);
  }

  private toDialog(event: KeyEvent): void {
    if (event.kind === "key" && event.name === "ctrl-l") return this.host.redraw();
    if (event.kind === "key" && event.name === "ctrl-z") return this.host.suspend();
    this.answer((dialog, area) => dialog.key(event, area));
  }

  /** The dialog in front becomes what it says; its last word may have been to open another one. */
  private answer(next: (dialog: Dialog, area: Rect) => Dialog | null): void {
    const before = this.dialog!;
    const after = next(before, before.area(this.columns, this.rows));
    if (this.dialog === before) this.dialog = after;
  }

  /** Twice in a row quits, whatever is in front. */
  private interrupt(): void {
    if (this.interrupted) return this.host.quit();
    this.interrupted = true;
    this.say("^C once more quits");
  }

  act(action: string): void {
    const { bench } = this;
    if (action.startsWith(KEY)) return this.dispatch(press(action.slice(KEY.length)));
    const isOwn = bench?.view.bindings.some((binding) => binding.action === action) ?? false;
    if (isOwn) bench!.act(action, this.desk, this.layout.body);
    else perform(action, this);
  }

  /** `seen`: the chrome as it was clicked. */
  private click(x: number, y: number, seen: ChromeState): void {
    const { title, footer, body } = this.layout;
    if (seen.dialog !== null) {
      this.answer((dialog, area) =>
        contains(area, x, y) ? dialog.click(x - area.x, y - area.y) : dialog.key(press("esc"), area),
      );
    } else if (contains(title, x, y)) {
      const tab = tabSegments(VIEWS, this.columns).find((each) => x >= each.x && x < each.x + each.width);
      if (tab !== undefined) this.show(tab.action.slice("view:".length) as ViewId);
    } else if (contains(footer, x, y)) {
      // A message leaves only the last hint to be seen.
      const hints = seen.message === null ? seen.hints : seen.hints.slice(-1);
      const hint = hintSegments(hints, this.columns).find((each) => x >= each.x && x < each.x + each.width);
      if (hint !== undefined) this.act(hint.action);
    } else this.bench?.click(x - body.x, y - body.y, this.desk, body);
  }

  private wheel(event: KeyEvent & { kind: "mouse" }): void {
    const { body } = this.layout;
    const by = event.action === "wheel-up" ? -3 : 3;
    if (contains(body, event.x, event.y)) this.bench?.wheel(event.x - body.x, event.y - body.y, by, body);
  }

  /** Everything that is not Ink's, as it is now. */
  paint(): Picture {
    const { columns, rows, bench, dialog } = this;
    const { tooSmall, body, title } = this.layout;
    if (tooSmall) return { canvases: [tooSmallCanvas(columns, rows)], dialog: null, cursor: null };
    this.followDialog();
    if (bench === null)
      return { canvases: [nothingOpen(body)], dialog: dialog?.area(columns, rows) ?? null, cursor: this.cursor(null) };
    const look = bench.refresh(body);
    this.followPace(look.running);
    this.retell(look);
    const notice = bench.session.takeNotice();
    if (notice !== null) this.say(notice.text, notice.kind);
    const surface = new Surface(body.width, body.height);
    const cursor = bench.view.draw(surface, bench.state, look);
    const tabs = tabSegments(VIEWS, columns).at(-1)!;
    const status = drawStatus(look, title.width, tabs.x + tabs.width, bench.session.pace.isBehind);
    return {
      canvases: [{ area: body, surface }, status],
      dialog: dialog?.area(columns, rows) ?? null,
      cursor: this.cursor(cursor === null ? null : { x: body.x + cursor.x, y: body.y + cursor.y }),
    };
  }

  /** A lab stops by itself when the prompt is back that it ran for: then space does something else. */
  private followPace(running: boolean): void {
    if (running === this.wasRunning) return;
    this.wasRunning = running;
    this.changed();
  }

  /** A dialog that shows a shell's screen has something new to show. */
  private followDialog(): void {
    const version = this.dialog?.version?.() ?? 0;
    if (version === this.dialogVersion) return;
    this.dialogVersion = version;
    this.changed(true);
  }

  private cursor(ofView: Picture["cursor"]): Picture["cursor"] {
    const { dialog } = this;
    if (dialog === null) return ofView;
    return dialog.cursor?.(dialog.area(this.columns, this.rows)) ?? null;
  }
}

function nothingOpen(body: Layout["body"]): Picture["canvases"][number] {
  const surface = new Surface(body.width, body.height);
  const text = "No topology is open: ^O chooses one, q quits.";
  surface.put(Math.max(0, Math.floor((body.width - text.length) / 2)), Math.floor(body.height / 3), text);
  return { area: body, surface };
}

const hintOf = ({ keys, hint, label, action }: Binding, ascii: boolean): Hint => ({
  key: keyText(keys[0]!, ascii),
  text: hint ?? label,
  action,
});

/** Before the name of a key: the action is to press it. */
const KEY = "key:";
const HELP = EVERYWHERE.at(-1)!;
/** The one thing to do while nothing is open. */
const FIRST = EVERYWHERE.find(({ action }) => action === "open-topology")!;

const isSame = (a: ChromeState, b: ChromeState): boolean => a.dialog?.view === b.dialog?.view && drawn(a) === drawn(b);

/** All that is drawn but the dialog. */
const drawn = ({ columns, rows, active, hints, message }: ChromeState): string =>
  JSON.stringify([columns, rows, active, hints, message]);

const isInterrupt = (event: KeyEvent): boolean => event.kind === "key" && event.name === "ctrl-c";

function tooSmallCanvas(columns: number, rows: number): Picture["canvases"][number] {
  const surface = new Surface(columns, rows);
  const text = `xenlab needs 60x16 or more, this is ${columns}x${rows}`;
  surface.put(Math.max(0, Math.floor((columns - text.length) / 2)), Math.floor(rows / 2), text);
  return { area: { x: 0, y: 0, width: columns, height: rows }, surface };
}
