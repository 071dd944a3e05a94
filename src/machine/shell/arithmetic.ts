/**
 * $(( )): integers with C's operators (POSIX XCU 1.1.2.1), in bash's sentences. Numbers beyond 2^53 lose their last digits.
 * Not modelled, and said so: assignments, ++ and --, ** and numbers in other bases than 8, 10 and 16.
 */

export interface Variables {
  variable(name: string): string | null;
}

/** The value, or why there is none. */
export function calculate(text: string, variables: Variables): number | string {
  return new Calculator(text, variables, 0).run();
}

/** A variable may hold an expression, that one another variable. */
const MAX_DEPTH = 50;

const LEVELS: readonly (readonly string[])[] = [
  ["||"],
  ["&&"],
  ["|"],
  ["^"],
  ["&"],
  ["==", "!="],
  ["<=", ">=", "<", ">"],
  ["<<", ">>"],
  ["+", "-"],
  ["*", "/", "%"],
];
const TOKEN =
  /\s*(0[xX][0-9a-fA-F]+|\d\w*|[A-Za-z_]\w*|\*\*|\+\+|--|<<=|>>=|[-+*/%&^|]=|\|\||&&|[=!<>]=|<<|>>|[-+*/%<>&|^!~?:()=,])/y;
const CHANGES = /^(\+\+|--|\*\*|,|=|(<<|>>|[-+*/%&^|])=)$/;

class Calculator {
  private readonly text: string;
  private readonly variables: Variables;
  private readonly depth: number;
  private readonly tokens: string[] = [];
  private at = 0;
  private error: string | null = null;

  constructor(text: string, variables: Variables, depth: number) {
    this.text = text.trim();
    this.variables = variables;
    this.depth = depth;
  }

  run(): number | string {
    this.cut();
    if (this.error === null && this.tokens.length === 0) return 0;
    const value = this.error === null ? this.choice() : 0;
    if (this.error === null && this.at < this.tokens.length) this.fail("syntax error in expression");
    return this.error ?? value;
  }

  private cut(): void {
    TOKEN.lastIndex = 0;
    while (TOKEN.lastIndex < this.text.length) {
      const from = TOKEN.lastIndex;
      const token = TOKEN.exec(this.text)?.[1];
      if (token === undefined) {
        this.tokens.push(this.text.slice(from).trim());
        return this.fail("syntax error: operand expected");
      }
      if (CHANGES.test(token)) return this.refuse(token);
      this.tokens.push(token);
    }
  }

  /** a ? b : c */
  private choice(): number {
    const condition = this.binary(0);
    if (!this.take("?")) return condition;
    const yes = this.choice();
    if (!this.take(":")) this.fail("`:' expected for conditional expression");
    const no = this.choice();
    return condition !== 0 ? yes : no;
  }

  private binary(level: number): number {
    const operators = LEVELS[level];
    if (operators === undefined) return this.unary();
    let left = this.binary(level + 1);
    for (;;) {
      const operator = operators.find((each) => this.tokens[this.at] === each);
      if (operator === undefined || this.error !== null) return left;
      this.at++;
      const right = this.binary(level + 1);
      if ((operator === "/" || operator === "%") && right === 0 && this.error === null)
        this.error = `${this.text}: division by 0 (error token is "${this.tokens.slice(this.at - 1).join(" ")}")`;
      else left = apply(operator, left, right);
    }
  }

  private unary(): number {
    const sign = ["-", "+", "!", "~"].find((each) => this.take(each));
    if (sign === undefined) return this.operand();
    const value = this.unary();
    return sign === "-" ? -value || 0 : sign === "+" ? value : sign === "!" ? Number(value === 0) : ~value;
  }

  private operand(): number {
    if (this.error !== null) return 0;
    const token = this.tokens[this.at] ?? "";
    if (this.take("(")) {
      const value = this.choice();
      if (!this.take(")")) this.fail("missing `)'");
      return value;
    }
    if (/^[A-Za-z_]/.test(token)) return this.named(token);
    if (/^(0[xX][0-9a-fA-F]+|[1-9]\d*|0[0-7]*)$/.test(token)) {
      this.at++;
      return /^0[0-7]/.test(token) ? Number.parseInt(token, 8) : Number(token);
    }
    this.fail(/^\d/.test(token) ? "value too great for base" : "syntax error: operand expected");
    return 0;
  }

  private named(name: string): number {
    this.at++;
    const value = this.variables.variable(name) ?? "";
    if (value.trim() === "") return 0;
    if (this.depth >= MAX_DEPTH) {
      this.fail("expression recursion level exceeded");
      return 0;
    }
    const result = new Calculator(value, this.variables, this.depth + 1).run();
    if (typeof result === "number") return result;
    this.error ??= result;
    return 0;
  }

  private take(token: string): boolean {
    const isNext = this.tokens[this.at] === token;
    if (isNext) this.at++;
    return isNext;
  }

  private refuse(token: string): void {
    this.error ??= `${this.text}: \`${token}' in arithmetic is not modelled`;
  }

  private fail(sentence: string): void {
    const token = this.tokens.slice(Math.min(this.at, this.tokens.length - 1)).join(" ");
    this.error ??= `${this.text}: ${sentence} (error token is "${token}")`;
  }
}

function apply(operator: string, a: number, b: number): number {
  switch (operator) {
    case "||":
      return Number(a !== 0 || b !== 0);
    case "&&":
      return Number(a !== 0 && b !== 0);
    case "|":
      return a | b;
    case "^":
      return a ^ b;
    case "&":
      return a & b;
    case "==":
      return Number(a === b);
    case "!=":
      return Number(a !== b);
    case "<=":
      return Number(a <= b);
    case ">=":
      return Number(a >= b);
    case "<":
      return Number(a < b);
    case ">":
      return Number(a > b);
    case "<<":
      return a * 2 ** b;
    case ">>":
      return Math.floor(a / 2 ** b);
    case "+":
      return a + b;
    case "-":
      return a - b;
    case "*":
      return a * b;
    case "/":
      return Math.trunc(a / b) || 0;
    default:
      return a % b || 0;
  }
}
