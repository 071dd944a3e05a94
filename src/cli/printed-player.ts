/** A lab that takes the inputs of a journal again, and tells them as they come: what was typed, and what it printed. */
import { type Console, give, type Input, isPromptText, type Lab, type Player } from "../lab/index.ts";
import { ConsoleLines, type Line, typed } from "./console-lines.ts";

export class PrintedPlayer implements Player {
  readonly lab: Lab;
  private readonly consoles: ConsoleLines[] = [];
  private told: Line[] = [];

  constructor(lab: Lab) {
    this.lab = lab;
  }

  give(input: Input): void {
    const { lab } = this;
    const { machine } = input;
    if (input.kind === "shell") {
      const { console } = lab.openPrompt(machine).process;
      this.follow(machine, console!, (text) => !isPromptText(text, machine));
    } else if (input.kind === "command") {
      this.tell(machine, input.line);
      this.follow(machine, lab.exec(machine, input.line).console!);
    } else {
      if (input.kind === "type") this.tell(machine, input.text === null ? "^D" : input.text.replace(/\n$/, ""));
      if (input.kind === "signal") this.tell(machine, input.signal === "INT" ? "^C" : `SIG${input.signal}`);
      if (input.kind === "plug") this.tell(machine, `(cable of ${input.device} ${input.plugged ? "in" : "out"})`);
      give(lab, input);
    }
  }

  private follow(machine: string, console: Console, isShown?: (text: string) => boolean): void {
    this.consoles.push(new ConsoleLines(machine, console, isShown));
  }

  private tell(machine: string, text: string): void {
    this.told.push(typed(machine, text, this.lab.now));
  }

  /** What is new; at the end (`isOver`) also lines that were only begun. */
  take(isOver: boolean): Line[] {
    const lines = [...this.told, ...this.consoles.flatMap((each) => each.take(isOver ? this.lab.now : null))];
    this.told = [];
    return lines;
  }
}
