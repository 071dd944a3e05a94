/**
 * Copies a whole lab: a graph of our own classes, arrays, maps, sets and typed arrays, with every shared reference and
 * cycle kept (promise P8). Buffers seen through several typed arrays stay shared among the copies.
 *
 * A function anywhere in the graph is a bug: it could hold state that no copy can reach. Fields must be ordinary ones;
 * `#private` names cannot be copied and are not used in the model.
 */
import { InvariantError } from "../base/invariant.ts";

type Typed = Uint8Array | Int32Array | Uint32Array | Float64Array | Uint16Array | Int16Array;

export function copyGraph<Root>(root: Root): Root {
  return new Copier().copy(root) as Root;
}

class Copier {
  private readonly copies = new Map<object, object>();
  /** Originals whose insides are still to be copied: a work list, so that long chains need no deep recursion. */
  private readonly pending: object[] = [];

  copy(root: unknown): unknown {
    const result = this.refer(root, "lab");
    for (let next = this.pending.pop(); next !== undefined; next = this.pending.pop()) this.fill(next);
    return result;
  }

  /** The copy that stands for `value`; its insides may follow later. */
  private refer(value: unknown, where: string): unknown {
    if (typeof value === "function")
      throw new InvariantError(`a function in the lab's state at ${where}: it cannot be copied`);
    if (!isObject(value)) return value;
    const known = this.copies.get(value);
    if (known !== undefined) return known;
    if (isForeign(value))
      throw new InvariantError(`a ${Object.prototype.toString.call(value)} in the lab's state at ${where}`);
    const made = this.shell(value);
    this.copies.set(value, made);
    if (!ArrayBuffer.isView(value) && !(value instanceof ArrayBuffer)) this.pending.push(value);
    return made;
  }

  private shell(value: object): object {
    if (value instanceof ArrayBuffer) return value.slice(0);
    if (ArrayBuffer.isView(value)) {
      const typed = value as Typed;
      const buffer = this.refer(typed.buffer, "buffer") as ArrayBuffer;
      const kind = typed.constructor as new (buffer: ArrayBuffer, offset: number, length: number) => Typed;
      return new kind(buffer, typed.byteOffset, typed.length);
    }
    if (Array.isArray(value)) return new Array(value.length);
    if (value instanceof Map) return new Map();
    if (value instanceof Set) return new Set();
    return Object.create(Object.getPrototypeOf(value) as object | null) as object;
  }

  private fill(original: object): void {
    const copy = this.copies.get(original)!;
    if (original instanceof Map) {
      const target = copy as Map<unknown, unknown>;
      for (const [key, value] of original)
        target.set(this.refer(key, "a map's key"), this.refer(value, isObject(key) ? "a map" : `[${String(key)}]`));
    } else if (original instanceof Set) {
      for (const value of original) (copy as Set<unknown>).add(this.refer(value, "a set"));
    } else {
      const owner = original.constructor?.name ?? "object";
      for (const key of Object.keys(original)) {
        const value = this.refer((original as Record<string, unknown>)[key], `${owner}.${key}`);
        if (key === "__proto__") defineOwn(copy, key, value);
        else (copy as Record<string, unknown>)[key] = value;
      }
    }
  }
}

/** An own field of that name, as a user's YAML may have; an assignment would change the prototype. */
function defineOwn(target: object, key: string, value: unknown): void {
  Object.defineProperty(target, key, { value, writable: true, enumerable: true, configurable: true });
}

const isObject = (value: unknown): value is object => typeof value === "object" && value !== null;

/** What the language keeps in hidden slots (a generator, an iterator, a promise, a pattern) would come out hollow. */
function isForeign(value: object): boolean {
  if (value instanceof Map || value instanceof Set || value instanceof ArrayBuffer || ArrayBuffer.isView(value))
    return false;
  return Symbol.toStringTag in value || value instanceof RegExp || value instanceof Error;
}
