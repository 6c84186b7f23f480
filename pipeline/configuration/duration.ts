/**
 * Durations as people write them: `90s`, `45m`, `2h`, `1h30m`, `1d`.
 *
 * @module
 */

const seconds = { d: 86_400, h: 3600, m: 60, s: 1 } as const;
const PATTERN = /^(?:(\d+(?:\.\d+)?)d)?(?:(\d+(?:\.\d+)?)h)?(?:(\d+(?:\.\d+)?)m)?(?:(\d+(?:\.\d+)?)s)?$/;

/**
 * Reads a duration in seconds.
 *
 * @throws {RangeError} if a text is none, or it is 0
 */
export function parseDuration(text: string): number {
  const [, ...parts] = PATTERN.exec(text) ?? [];
  const units = Object.values(seconds);
  const sum = parts.reduce((total, part, at) => total + Number(part ?? 0) * units[at]!, 0);
  if (!(sum > 0 && sum <= 1e9)) throw new RangeError(`"${text}" is not a duration such as 90s, 45m, 2h or 1h30m`);
  return sum;
}

export function isDuration(text: string): boolean {
  try {
    parseDuration(text);
    return true;
  } catch {
    return false;
  }
}
