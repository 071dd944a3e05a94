/** A sentence for the user about what a session did of itself. */
export interface Notice {
  readonly text: string;
  readonly kind: "plain" | "bad";
}
