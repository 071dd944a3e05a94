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

  constructor(env: ReadonlyMap<string, string>, name: string, positional: readonly string[], shellPid: number) {
    this.values = new Map(env);
    this.exported = new Set(env.keys());
    this.name = name;
    this.positional = positional;
    this.shellPid = shellPid;
  }

  fork(): Session {
    const twin = new Session(this.values, this.name, this.positional, this.shellPid);
    twin.exported.clear();
    for (const name of this.exported) twin.exported.add(name);
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
  }

  /** Back to what it was; null: unset. */
  restore(name: string, value: string | null): void {
    if (value === null) this.values.delete(name);
    else this.values.set(name, value);
  }

  unset(name: string): void {
    this.values.delete(name);
    this.exported.delete(name);
  }

  export(name: string): void {
    this.exported.add(name);
  }

  /** What a child inherits. */
  environment(): Map<string, string> {
    return new Map([...this.values].filter(([name]) => this.exported.has(name)));
  }

  /** Exported variables, sorted, as `export -p` wants them. */
  exports(): [name: string, value: string][] {
    return [...this.environment()].sort(([a], [b]) => (a < b ? -1 : 1));
  }
}
