/**
 * Texts of quantities: durations, shares, bytes, rates.
 *
 * @module
 */

/** Seconds as `1h05m`, `3m20s` or `12s`. */
export function durationText(seconds: number): string {
  const whole = Math.round(seconds), two = (value: number) => String(value).padStart(2, "0");
  if (whole < 60) return `${whole}s`;
  if (whole < 3600) return `${Math.floor(whole / 60)}m${two(whole % 60)}s`;
  return `${Math.floor(whole / 3600)}h${two(Math.floor(whole / 60) % 60)}m`;
}

export { countText, megabytesText, percentText } from "../../export/numbers_as_text.ts";

/** A rate with three digits or more: `0.52`, `5.21`, `52.1`, `521`. */
export const rateText = (rate: number): string => rate.toFixed(rate < 10 ? 2 : rate < 100 ? 1 : 0);
