/**
 * The watches of a store, as a tree beside the store's own: with a thousand guests there are thousands of them, and a
 * write concerns two or three. A watch needs no node where it looks.
 */

/** Who hears of a change. `path` is what changed, `token` what the watcher gave. */
export interface StoreWatcher {
  storeChanged(path: string, token: string): void;
}

export class Watch {
  readonly path: string;
  readonly token: string;
  readonly watcher: StoreWatcher;
  /** Order of registration: the order in which watches of one change fire. */
  readonly order: number;
  active = true;

  constructor(path: string, token: string, watcher: StoreWatcher, order: number) {
    this.path = path;
    this.token = token;
    this.watcher = watcher;
    this.order = order;
  }
}

/** A watch that fires, and for which path. */
export interface Hit {
  readonly watch: Watch;
  readonly path: string;
}

/** What was below a node that is gone. */
export interface Gone {
  readonly children: ReadonlyMap<string, Gone> | null;
}

/** A place that only leads on has no watches, and one that is watched mostly nothing below. */
class Place {
  watches: Watch[] | null = null;
  below: Map<string, Place> | null = null;

  add(watch: Watch): void {
    if (this.watches === null) this.watches = [watch];
    else this.watches.push(watch);
  }

  remove(watch: Watch): void {
    const rest = this.watches?.filter((each) => each !== watch) ?? [];
    this.watches = rest.length === 0 ? null : rest;
  }

  /** Made when it is not there. */
  enter(name: string): Place {
    this.below ??= new Map();
    const known = this.below.get(name);
    if (known !== undefined) return known;
    const made = new Place();
    this.below.set(name, made);
    return made;
  }

  leave(name: string): void {
    this.below?.delete(name);
    if (this.below?.size === 0) this.below = null;
  }

  get isEmpty(): boolean {
    return this.watches === null && this.below === null;
  }
}

/** Of most changes nobody hears. */
const NONE: readonly Hit[] = [];

export class WatchTree {
  private readonly root = new Place();
  /** The directory that was written to last, and the watches at it and above: what is written stands together. */
  private directory: string | null = null;
  private place: Place | null = null;
  private above: Watch[] = [];

  add(watch: Watch): void {
    this.forget();
    let place = this.root;
    for (const part of partsOf(watch.path)) place = place.enter(part);
    place.add(watch);
  }

  remove(watch: Watch): void {
    this.forget();
    removeFrom(this.root, partsOf(watch.path), 0, watch);
  }

  /** Watches at `path` and above it, and of a node that is `gone` those at what was below, in their order. */
  hits(path: string, gone: Gone | null): readonly Hit[] {
    if (this.directory === null || !isRightBelow(path, this.directory)) this.enter(path);
    const place = this.place?.below?.get(path.slice(path.lastIndexOf("/") + 1));
    if (this.above.length === 0 && place === undefined) return NONE;
    const hits: Hit[] = [];
    for (const watch of this.above) hits.push({ watch, path });
    if (place?.watches != null) for (const watch of place.watches) hits.push({ watch, path });
    if (place !== undefined && gone !== null) hitBelow(place, gone, path, hits);
    return hits.length < 2 ? hits : hits.sort((a, b) => a.watch.order - b.watch.order);
  }

  private forget(): void {
    this.directory = null;
    this.place = null;
    this.above = [];
  }

  /** "@introduceDomain" and its like are no nodes: nothing is above them, not even the root. */
  private enter(path: string): void {
    const slash = path.lastIndexOf("/");
    const isRooted = slash >= 0;
    const directory = path.slice(0, Math.max(slash, 0));
    this.directory = isRooted ? directory : null;
    this.above = isRooted ? [...(this.root.watches ?? [])] : [];
    let place: Place | undefined = this.root;
    for (const part of partsOf(directory)) {
      place = place.below?.get(part);
      if (place === undefined) break;
      if (place.watches !== null) this.above.push(...place.watches);
    }
    this.place = place ?? null;
  }
}

const SLASH = 47;

/** What is written stands together: nearly every path is right below the directory that was looked at last. */
export const isRightBelow = (path: string, directory: string): boolean =>
  path.startsWith(directory) &&
  path.charCodeAt(directory.length) === SLASH &&
  path.indexOf("/", directory.length + 1) < 0;

/** The parts of a path; doubled slashes and one at the end say nothing. */
export function partsOf(path: string): string[] {
  const parts: string[] = [];
  for (let from = 0; from < path.length; ) {
    const slash = path.indexOf("/", from);
    const end = slash < 0 ? path.length : slash;
    if (end > from) parts.push(path.slice(from, end));
    from = end + 1;
  }
  return parts;
}

function hitBelow(place: Place, gone: Gone, path: string, hits: Hit[]): void {
  for (const [name, next] of place.below ?? []) {
    const child = gone.children?.get(name);
    if (child === undefined) continue;
    const below = `${path}/${name}`;
    for (const watch of next.watches ?? []) hits.push({ watch, path: below });
    hitBelow(next, child, below, hits);
  }
}

/** Places that watch nothing any more go too. */
function removeFrom(place: Place, parts: readonly string[], depth: number, watch: Watch): void {
  const part = parts[depth];
  if (part === undefined) return place.remove(watch);
  const next = place.below?.get(part);
  if (next === undefined) return;
  removeFrom(next, parts, depth + 1, watch);
  if (next.isEmpty) place.leave(part);
}
