/** The shell's `$name`, `${name}`, `${name#pattern}` and `${name%pattern}` (shortest match; `*` is the only wildcard). */

export interface Variables {
  /** "" when it is not set. */
  get(name: string): string;
}

export function substitute(text: string, variables: Variables): string {
  return text.replace(/\$(?:(\w+)|\{(\w+)(?:([#%])([^}]*))?\})/g, (_all, plain, name, operator, pattern) => {
    const value = variables.get(plain ?? name);
    if (operator === undefined) return value;
    return operator === "#" ? cutStart(value, pattern) : cutEnd(value, pattern);
  });
}

const source = (pattern: string): string => pattern.replace(/[.+?^$()|[\]\\{}]/g, "\\$&").replaceAll("*", "[^]*?");

function cutStart(value: string, pattern: string): string {
  return value.replace(new RegExp(`^${source(pattern)}`), "");
}

function cutEnd(value: string, pattern: string): string {
  const end = new RegExp(`^${source(pattern)}$`);
  for (let at = value.length; at >= 0; at--) if (end.test(value.slice(at))) return value.slice(0, at);
  return value;
}
