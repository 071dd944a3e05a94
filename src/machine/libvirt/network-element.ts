/** Reading elements of a description: what is asked for is known, the rest is remarked on or refused. */
import { attribute, type XmlElement } from "./xml.ts";

/** Something that libvirt passes over without a word. */
export interface Remark {
  readonly message: string;
  readonly line: number;
  readonly column: number;
}

/** Thrown while reading: the definition is not taken. */
export class Refused {
  readonly element: XmlElement;
  /** As virsh prints it behind "error: ". */
  readonly sentence: string;

  constructor(element: XmlElement, sentence: string) {
    this.element = element;
    this.sentence = sentence;
  }
}

export class Reader {
  readonly remarks: Remark[] = [];

  /** Remarks on every attribute beside those. */
  attributes(element: XmlElement, known: readonly string[]): void {
    for (const { name, line, column } of element.attributes)
      if (!known.includes(name))
        this.remarks.push({ message: `libvirt ignores the attribute ${name} of <${element.name}>`, line, column });
  }

  /** Remarks on every child beside those; refuses those that only libvirt knows. */
  children(element: XmlElement, known: readonly string[], notModelled: readonly string[] = []): void {
    for (const child of element.children) {
      const { name, line, column } = child;
      if (notModelled.includes(name))
        throw new Refused(child, `the element <${name}> of <${element.name}> is not modelled`);
      if (!known.includes(name))
        this.remarks.push({ message: `libvirt ignores the element <${name}> of <${element.name}>`, line, column });
    }
  }

  get(element: XmlElement, name: string): string | null {
    return attribute(element, name);
  }

  /** The first of that name, which is the one libvirt looks at. */
  one(element: XmlElement, name: string): XmlElement | null {
    return element.children.find((child) => child.name === name) ?? null;
  }

  all(element: XmlElement, name: string): XmlElement[] {
    return element.children.filter((child) => child.name === name);
  }
}
