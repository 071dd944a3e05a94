/**
 * Virtual time: integer nanoseconds in a double, exact to 2^53 ns = 104 days.
 */
import type { Branded } from "../base/brand.ts";

export type Nanos = Branded<number, "Nanos">;

export const NEVER = Number.POSITIVE_INFINITY as Nanos;
export const ZERO = 0 as Nanos;

export const nanos = (n: number): Nanos => n as Nanos;
export const us = (n: number): Nanos => Math.round(n * 1e3) as Nanos;
export const ms = (n: number): Nanos => Math.round(n * 1e6) as Nanos;
export const seconds = (n: number): Nanos => Math.round(n * 1e9) as Nanos;

/** Seconds with nine decimals: "1.000250000". */
export function formatSeconds(time: Nanos, decimals = 9): string {
  const whole = Math.floor(time / 1e9);
  const rest = String(time % 1e9).padStart(9, "0");
  return decimals === 0 ? String(whole) : `${whole}.${rest.slice(0, decimals)}`;
}
