/**
 * What a shell knows besides what it is doing: variables, which of them children inherit, positional parameters,
 * the last exit code. A subshell gets a copy.
 */
export class Session {
  private readonly values: Map<string, string>;
  private readonly exported: Set<string>;
  /** $0 */
  readonly name: string;
  positional: readonly string[];
  /** $$: stays that of the first shell in subshells. */
  readonly shellPid: number;
  /** $? */
  status = 0;
  /** $!; null before the first background job. */
  lastBackground: number | null = null;
  /** What a child inherits; null: something has changed since it was last worked out. */
  private inherited: ReadonlyMap<string, string> | null;

  constructor(env: ReadonlyMap<string, string>, name: string, positional: readonly string[], shellPid: number) {
    this.values = new Map(env);
    this.exported = new Set(env.keys());
    this.inherited = env;
    this.name = name;
    this.positional = positional;
    this.shellPid = shellPid;
  }

  fork(): Session {
    const twin = new Session(this.values, this.name, this.positional, this.shellPid);
    twin.exported.clear();
    for (const name of this.exported) twin.exported.add(name);
    twin.inherited = null;
    twin.status = this.status;
    twin.lastBackground = this.lastBackground;
    return twin;
  }

  variable(name: string): string | null {
    if (name === "?") return String(this.status);
    if (name === "$") return String(this.shellPid);
    if (name === "0") return this.name;
    if (name === "!") return this.lastBackground === null ? null : String(this.lastBackground);
    return this.values.get(name) ?? null;
  }

  set(name: string, value: string): void {
    this.values.set(name, value);
    this.inherited = null;
  }

  /** Back to what it was; null: unset. */
  restore(name: string, value: string | null): void {
    if (value === null) this.values.delete(name);
    else this.values.set(name, value);
    this.inherited = null;
  }

  unset(name: string): void {
    this.values.delete(name);
    this.exported.delete(name);
    this.inherited = null;
  }

  export(name: string): void {
    this.exported.add(name);
    this.inherited = null;
  }

  /** What a child inherits: one map for all, until something changes. */
  environment(): ReadonlyMap<string, string> {
    this.inherited ??= new Map([...this.values].filter(([name]) => this.exported.has(name)));
    return this.inherited;
  }

  /** Exported variables, sorted, as `export -p` wants them. */
  exports(): [name: string, value: string][] {
    return [...this.environment()].sort(([a], [b]) => (a < b ? -1 : 1));
  }
}
