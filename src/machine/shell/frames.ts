/** Where in its commands a shell is: a stack of frames, each of which knows what comes next in its own. */
import type { Streams } from "../process.ts";
import type { AndOr, IfCommand, List, LoopCommand, Pipeline } from "./tree.ts";

/** What frames ask of their shell. */
export interface Driver {
  status: number;
  enter(list: List): void;
  run(pipeline: Pipeline, text: string): void;
  startBackground(item: AndOr): void;
  set(name: string, value: string): void;
}

export abstract class Frame {
  /** What its commands read and write. */
  readonly streams: Streams;
  /** ! before it. */
  readonly negated: boolean;
  /** `break` and `continue` are for such. */
  readonly isLoop: boolean = false;

  constructor(streams: Streams, negated: boolean) {
    this.streams = streams;
    this.negated = negated;
  }

  /** Does the next thing; false when there is none. */
  abstract step(driver: Driver): boolean;
}

export class ListFrame extends Frame {
  private readonly list: List;
  private item = 0;
  /** The next pipeline of that item. */
  private pipeline = 0;

  constructor(list: List, streams: Streams, negated = false) {
    super(streams, negated);
    this.list = list;
  }

  step(driver: Driver): boolean {
    const item = this.list[this.item];
    if (item === undefined) return false;
    if (item.background) {
      this.item++;
      driver.startBackground(item);
    } else if (this.pipeline === item.pipelines.length) {
      this.item++;
      this.pipeline = 0;
    } else {
      const operator = item.operators[this.pipeline - 1];
      const pipeline = item.pipelines[this.pipeline++]!;
      const isSkipped = operator !== undefined && (operator === "&&") !== (driver.status === 0);
      if (!isSkipped) driver.run(pipeline, item.text);
    }
    return true;
  }
}

export class IfFrame extends Frame {
  private readonly command: IfCommand;
  private branch = -1;
  private isOver = false;

  constructor(command: IfCommand, streams: Streams, negated: boolean) {
    super(streams, negated);
    this.command = command;
  }

  step(driver: Driver): boolean {
    if (this.isOver) return false;
    const { branches, otherwise } = this.command;
    const holds = this.branch >= 0 && driver.status === 0;
    this.isOver = holds || this.branch === branches.length - 1;
    if (holds) driver.enter(branches[this.branch]!.body);
    else if (!this.isOver) driver.enter(branches[++this.branch]!.condition);
    else {
      driver.status = 0;
      driver.enter(otherwise);
    }
    return true;
  }
}

export class LoopFrame extends Frame {
  override readonly isLoop = true;
  private readonly command: LoopCommand;
  private stage: "test" | "judge" = "test";
  /** Exit code of the last round; that of the condition is no result. */
  private result = 0;
  private rounds = 0;

  constructor(command: LoopCommand, streams: Streams, negated: boolean) {
    super(streams, negated);
    this.command = command;
  }

  step(driver: Driver): boolean {
    const { kind, condition, body } = this.command;
    if (this.stage === "test") {
      if (this.rounds > 0) this.result = driver.status;
      this.stage = "judge";
      driver.enter(condition);
      return true;
    }
    if ((driver.status === 0) !== (kind === "while")) {
      driver.status = this.result;
      return false;
    }
    this.stage = "test";
    this.rounds++;
    driver.enter(body);
    return true;
  }
}

export class ForFrame extends Frame {
  override readonly isLoop = true;
  private readonly name: string;
  private readonly values: readonly string[];
  private readonly body: List;
  private round = 0;

  constructor(name: string, values: readonly string[], body: List, streams: Streams, negated: boolean) {
    super(streams, negated);
    this.name = name;
    this.values = values;
    this.body = body;
  }

  step(driver: Driver): boolean {
    if (this.round === 0) driver.status = 0;
    const value = this.values[this.round++];
    if (value === undefined) return false;
    driver.set(this.name, value);
    driver.enter(this.body);
    return true;
  }
}
