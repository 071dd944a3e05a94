/**
 * Directories of sysfs whose files are the attributes of one thing, a value a file; some can be set. Follows
 * Documentation/filesystems/sysfs.rst.
 */
import { EINVAL, Errno } from "./errno.ts";
import { LiveDirectory, LiveFile, type Node } from "./files.ts";

export interface Attribute<Of> {
  /** What stands in its line, or why it cannot be read. */
  get(of: Of): string | number | Errno;
  /** Only where it can be written. */
  set?(of: Of, value: number): Errno | null;
}

export type Attributes<Of> = Readonly<Record<string, Attribute<Of>>>;

/** Its table is the class's, not the object's: a function in the lab's state could not be copied. */
export abstract class AttributeDirectory<Of> extends LiveDirectory {
  readonly of: Of;
  abstract readonly attributes: Attributes<Of>;

  constructor(of: Of) {
    super();
    this.of = of;
  }

  /** Directories beside the attributes, by name. */
  protected directories(): ReadonlyMap<string, LiveDirectory> {
    return new Map();
  }

  list(): readonly string[] {
    return [...Object.keys(this.attributes), ...this.directories().keys()].sort();
  }

  find(name: string): Node | null {
    if (Object.hasOwn(this.attributes, name)) return new AttributeFile(this, name);
    return this.directories().get(name) ?? null;
  }
}

class AttributeFile<Of> extends LiveFile {
  private readonly directory: AttributeDirectory<Of>;
  private readonly name: string;

  constructor(directory: AttributeDirectory<Of>, name: string) {
    super();
    this.directory = directory;
    this.name = name;
  }

  private get attribute(): Attribute<Of> {
    return this.directory.attributes[this.name]!;
  }

  override get writable(): boolean {
    return this.attribute.set !== undefined;
  }

  read(): string | Errno {
    const value = this.attribute.get(this.directory.of);
    return value instanceof Errno ? value : `${value}\n`;
  }

  override write(text: string): Errno | null {
    const value = kernelNumber(text);
    return value === null ? EINVAL : this.attribute.set!(this.directory.of, value);
  }
}

/** kstrtoul with base 0: a number as C writes it, and nothing behind it but the end of its line. */
function kernelNumber(text: string): number | null {
  const found = /^\+?(?:(0x[0-9a-f]+)|(0[0-7]*)|([1-9]\d*))\n?$/i.exec(text);
  if (found === null) return null;
  const [, hex, octal, decimal] = found;
  return octal !== undefined ? Number.parseInt(octal, 8) : Number(hex ?? decimal);
}
