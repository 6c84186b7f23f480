/** Gives a target bytes and says what became of them. */
import { uniformNumbers } from "../support/random_tensors.ts";
import type { FuzzTarget } from "./fuzz_target.ts";
import { below, mutated } from "./mutations.ts";

/** An input must be done with in this time. */
const MOST_MILLISECONDS = 20_000;

export type Outcome = "accepted" | "refused";

/** An input that was neither read nor refused in one sentence. */
export class FuzzFailure extends Error {
  constructor(readonly bytes: Uint8Array, cause: unknown) {
    super(cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause), { cause });
  }
}

/** @throws {FuzzFailure} if it is neither accepted nor refused as it should be */
export async function outcomeOf({ read }: FuzzTarget, bytes: Uint8Array<ArrayBuffer>): Promise<Outcome> {
  let timer;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no end after ${MOST_MILLISECONDS} ms`)), MOST_MILLISECONDS);
  });
  try {
    await Promise.race([read(bytes), late]);
    return "accepted";
  } catch (error) {
    const ofUser = error instanceof Error && "exitCode" in error && Number(error.exitCode) > 0;
    if (!ofUser || error.message.trim() === "" || error.message.includes("\n")) throw new FuzzFailure(bytes, error);
    return "refused";
  } finally {
    clearTimeout(timer);
  }
}

/** The input of a number: the same bytes whenever and wherever. */
export function inputOf({ samples, damage }: FuzzTarget, number: number): Uint8Array<ArrayBuffer> {
  const next = uniformNumbers(number);
  if (!damage) return new Uint8Array(mutated(samples, next));
  return new Uint8Array(damage(samples[below(next, samples.length)]!, next));
}
