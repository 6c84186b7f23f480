/**
 * Shares and sizes as people read them.
 *
 * @module
 */

/** Returns a share of 1 as a percentage with two decimals: `94.60 %`. */
export const percentText = (share: number): string => `${(100 * share).toFixed(2)} %`;

/** Returns a number of bytes in MB, to a tenth: `0.6 MB`. */
export const megabytesText = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;

/** A count with commas between thousands: `5,000`. */
export const countText = (count: number): string => count.toLocaleString("en");
