import { BLOCKED } from "../../file/domains.ts";
import type { LayoutScope } from "../layout_scope.ts";
import type { Name } from "../../file/encode.ts";

/** Sums an addend, if given, and blocked convolutions of images with filters. Each convolution adds to the sum in place. */
export function sumOfBlocked(
  { builder }: LayoutScope,
  operands: readonly (readonly [image: Name, filter: Name])[],
  attributes: Readonly<Record<string, readonly number[]>>,
  addend?: Name,
): Name {
  let sum = addend;
  // The third operand would be a bias.
  for (const pair of operands) sum = builder.node("Conv", sum ? [...pair, "", sum] : pair, attributes, BLOCKED);
  return sum!;
}
