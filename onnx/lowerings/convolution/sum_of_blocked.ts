import { BLOCKED, type Scope } from "../lowering.ts";
import type { Name } from "../../file/model_builder.ts";

/**
 * The sum of an addend, if given, and of the blocked convolutions of images with filters. Each is added in place to the one
 * before.
 */
export function sumOfBlocked(
  { builder }: Scope,
  operands: readonly (readonly [image: Name, filter: Name])[],
  attributes: Readonly<Record<string, readonly number[]>>,
  addend?: Name,
): Name {
  let sum = addend;
  // The third operand would be a bias.
  for (const pair of operands) sum = builder.node("Conv", sum ? [...pair, "", sum] : pair, attributes, BLOCKED);
  return sum!;
}
