/**
 * Configurations that earlier versions recorded.
 *
 * @module
 */
import type { Field, Given } from "./fields.ts";

/**
 * Fields that were added later, where runs recorded before did not behave as the default says. Settings of a run leave such a
 * value out, so that they equal those recorded before.
 */
export const earlierMeaning: Given = { validation: "test", stem: "1" };

/** Some fields that every recorded configuration has, and hardly any file that a person writes. */
const ofEveryRecord = ["run", "runs", "cache", "dataset", "seed", "opset"] as const satisfies readonly Field[];

/** Completes a recorded configuration with the meaning of the fields that it lacks; others are returned as they are. */
export function withEarlierMeaning(values: unknown): unknown {
  return isRecorded(values) ? { ...earlierMeaning, ...values } : values;
}

/** Tells a recorded configuration from a file that a person wrote. */
export const isRecorded = (values: unknown): values is Given =>
  typeof values === "object" && values !== null && ofEveryRecord.every((field) => Object.hasOwn(values, field));
