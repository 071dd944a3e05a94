/** What `read` makes of a line: backslashes, and fields by IFS, the last of which takes what is left. */

/** Values for `count` names. */
export function readFields(line: string, count: number, ifs: string, isRaw: boolean): string[] {
  const letters = lettersOf(line, isRaw);
  const isSpace = ({ text, quoted }: Letter): boolean => !quoted && " \t\n".includes(text) && ifs.includes(text);
  const isMark = ({ text, quoted }: Letter): boolean => !quoted && ifs.includes(text) && !isSpace({ text, quoted });
  const fields: string[] = [];
  let at = 0;
  const skip = (): void => {
    while (at < letters.length && isSpace(letters[at]!)) at++;
  };
  skip();
  while (fields.length < count - 1 && at < letters.length) {
    let field = "";
    for (; at < letters.length && !isSpace(letters[at]!) && !isMark(letters[at]!); at++) field += letters[at]!.text;
    fields.push(field);
    skip();
    if (at < letters.length && isMark(letters[at]!)) at++;
    skip();
  }
  let end = letters.length;
  while (end > at && isSpace(letters[end - 1]!)) end--;
  fields.push(
    letters
      .slice(at, end)
      .map(({ text }) => text)
      .join(""),
  );
  while (fields.length < count) fields.push("");
  return fields;
}

interface Letter {
  readonly text: string;
  readonly quoted: boolean;
}

function lettersOf(line: string, isRaw: boolean): Letter[] {
  const letters: Letter[] = [];
  for (let at = 0; at < line.length; at++) {
    const quoted = !isRaw && line[at] === "\\";
    if (quoted) at++;
    if (at < line.length) letters.push({ text: line[at]!, quoted });
  }
  return letters;
}
