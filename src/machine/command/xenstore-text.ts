/** How xenstore's tools show and read values that are no plain text: sanitise_value of tools/xenstore/xs_lib.c. */

const NAMED: Readonly<Record<string, string>> = { "\t": "\\t", "\n": "\\n", "\r": "\\r", "\\": "\\\\" };

export function sanitise(value: string): string {
  return value.replace(/[^ -~]|\\/g, (c) => {
    const code = c.charCodeAt(0);
    return (
      NAMED[c] ?? (code < 8 ? `\\${code.toString(8).padStart(3, "0")}` : `\\x${code.toString(16).padStart(2, "0")}`)
    );
  });
}

const ESCAPES: Readonly<Record<string, string>> = { t: "\t", n: "\n", r: "\r", "\\": "\\" };

export function unsanitise(text: string): string {
  return text.replace(/\\(x[0-9a-fA-F]{1,2}|[0-7]{1,3}|.|$)/g, (_all, escape: string) => {
    if (/^[0-7]/.test(escape)) return String.fromCharCode(Number.parseInt(escape, 8) & 255);
    if (/^x./.test(escape)) return String.fromCharCode(Number.parseInt(escape.slice(1), 16));
    return ESCAPES[escape] ?? escape;
  });
}
