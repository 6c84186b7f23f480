import { extentOf, isUnknown, type Pad, type Windows, withCounts } from "../windows/windows.ts";

/**
 * The windows of an image whose gradient is wanted. Where its size is unknown, no pixel lies behind the last window: `trace`
 * allows such a size only if it is count * stride for "same" padding, or what the windows cover without the padding.
 */
export function spreadWindows(
  windows: readonly Windows[],
  pad: Pad,
  counts: readonly number[],
): readonly Windows[] {
  return withCounts(windows, counts).map((side) => {
    if (!isUnknown(side.size) || pad !== "same") return side;
    const total = extentOf(side) - side.stride, before = Math.floor(Math.max(0, total) / 2);
    return { ...side, before, after: total - before, isComputed: false };
  });
}
