/**
 * The terminal's one state, and where every key goes: to the dialog in front, else to the text field of the view, then to
 * the bindings of the view, then to those everywhere. It knows neither Ink nor the real terminal.
 */
import { perform } from "./actions.ts";
import type { ChromeState, ChromeStore, Message } from "./chrome/chrome.tsx";
import type { Dialog } from "./chrome/dialog.ts";
import { FrontDesk } from "./desk.ts";
import type { Front, Host } from "./front.ts";
import type { KeyEvent } from "./keys/key-event.ts";
import { type Binding, bindingOf, EVERYWHERE, keyText } from "./keys/keymap.ts";
import { hintSegments, type Layout, layout, tabSegments } from "./layout.ts";
import type { Outside, TerminalOptions } from "./outside.ts";
import { contains } from "./screen/rect.ts";
import type { Picture } from "./screen/screen.ts";
import { Surface } from "./screen/surface.ts";
import { drawStatus } from "./status.ts";
import { VIEWS } from "./views/index.ts";
import type { Hint, Intent, ViewId } from "./views/view.ts";
import type { Workbench } from "./workbench.ts";

/** Footer hints, help not counted. */
const MOST_HINTS = 8;
/** What can be done while no topology is open. */
const NEEDS_NOTHING: ReadonlySet<string> = new Set(["open-topology", "quit"]);

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
  private dialogVersion = 0;
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

  /** What Ink draws has changed. */
  private changed(): void {
    this.chrome = null;
    for (const listener of this.listeners) listener();
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
    this.changed();
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
    const { bench } = this;
    const own = bench?.hints ?? null;
    if (own !== null) return own;
    const running = bench?.session.pace.running ?? false;
    const here = bench?.view.bindings ?? [];
    const taken = new Set(here.flatMap(({ keys }) => keys));
    // Space may mean something else in a view, which then has another key for it.
    const isPause = ({ action }: Binding): boolean => action === "pause" || action === "run";
    const help = EVERYWHERE.at(-1)!;
    const everywhere = bench === null ? EVERYWHERE.filter(({ action }) => NEEDS_NOTHING.has(action)) : EVERYWHERE;
    const all = [...here, ...everywhere.filter(({ keys, action }) => action !== "help" && !taken.has(keys[0]!))];
    return [...all.filter(isPause), ...all.filter((binding) => !isPause(binding))]
      .filter(({ hint }) => hint !== undefined || bench === null)
      .slice(0, MOST_HINTS)
      .concat(help)
      .map(({ keys, hint, action }) => ({
        key: keyText(keys[0]!, this.options.ascii),
        text: (action === "pause" || action === "run") && running ? "pause" : (hint ?? action.split("-")[0]!),
        action,
      }));
  }

  handle(event: KeyEvent): void {
    this.message = null;
    this.dispatch(event);
    this.changed();
  }

  private dispatch(event: KeyEvent): void {
    if (event.kind === "mouse" && event.action === "press") return this.click(event.x, event.y);
    if (this.dialog !== null) return this.toDialog(event);
    if (event.kind === "mouse") return this.wheel(event);
    const { bench } = this;
    if (bench?.take(event, this.desk) === true) return;
    if (event.kind !== "key") return;
    const isInterrupt = event.name === "ctrl-c" && bindingOf(event.name, bench?.view.bindings ?? []) === null;
    if (isInterrupt) return this.interrupt();
    this.interrupted = false;
    const tab = VIEWS.find(({ key }) => event.name === key || event.name === `alt-${key}`);
    if (tab !== undefined) return this.show(tab.id);
    const own = bindingOf(event.name, bench?.view.bindings ?? []);
    if (own !== null) return this.act(own.action);
    const everywhere = bindingOf(event.name, EVERYWHERE);
    if (everywhere !== null) this.act(everywhere.action);
  }

  private toDialog(event: KeyEvent): void {
    const before = this.dialog!;
    if (event.kind === "key" && event.name === "ctrl-l") return this.host.redraw();
    const after = before.key(event);
    // Its last key may have opened another one.
    if (this.dialog !== before) return;
    this.dialog = after;
    if (event.kind === "key" && event.name === "ctrl-c" && after === before) this.interrupt();
    else this.interrupted = false;
  }

  /** Twice in a row quits, whatever is in front. */
  private interrupt(): void {
    if (this.interrupted) return this.host.quit();
    this.interrupted = true;
    this.say("^C once more quits");
  }

  act(action: string): void {
    const { bench } = this;
    const isOwn = bench?.view.bindings.some((binding) => binding.action === action) ?? false;
    if (isOwn) bench!.act(action, this.desk, this.layout.body);
    else perform(action, this);
  }

  private click(x: number, y: number): void {
    const { title, footer, body } = this.layout;
    const { dialog, bench } = this;
    const area = dialog?.area(this.columns, this.rows);
    if (dialog !== null && area !== undefined) {
      if (!contains(area, x, y)) this.toDialog({ kind: "key", name: "esc", text: "" });
      else if (dialog.click !== undefined) this.dialog = dialog.click(x - area.x, y - area.y);
      return;
    }
    if (contains(title, x, y)) {
      const tab = tabSegments(VIEWS, this.columns).find((each) => x >= each.x && x < each.x + each.width);
      if (tab !== undefined) this.show(tab.action.slice("view:".length) as ViewId);
    } else if (contains(footer, x, y)) {
      const hint = hintSegments(this.hints, this.columns).find((each) => x >= each.x && x < each.x + each.width);
      if (hint !== undefined) this.act(hint.action);
    } else bench?.click(x - body.x, y - body.y, this.desk, body);
  }

  private wheel(event: KeyEvent & { kind: "mouse" }): void {
    const { bench } = this;
    const by = event.action === "wheel-up" ? -3 : event.action === "wheel-down" ? 3 : 0;
    const { body } = this.layout;
    if (by !== 0 && contains(body, event.x, event.y)) bench?.wheel(event.x - body.x, event.y - body.y, by, body);
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

  /** A dialog that shows a shell's screen has something new to show. */
  private followDialog(): void {
    const version = this.dialog?.version?.() ?? 0;
    if (version === this.dialogVersion) return;
    this.dialogVersion = version;
    this.changed();
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

function tooSmallCanvas(columns: number, rows: number): Picture["canvases"][number] {
  const surface = new Surface(columns, rows);
  const text = `xenlab needs 60x16 or more, this is ${columns}x${rows}`;
  surface.put(Math.max(0, Math.floor((columns - text.length) / 2)), Math.floor(rows / 2), text);
  return { area: { x: 0, y: 0, width: columns, height: rows }, surface };
}
