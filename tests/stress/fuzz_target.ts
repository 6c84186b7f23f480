/** A reader of the program, as the fuzzer sees it. */
import type { Draws } from "./mutations.ts";

export interface FuzzTarget {
  /** Whole inputs. */
  readonly samples: readonly Uint8Array<ArrayBuffer>[];
  /** Damages a sample; default: as a broken disk does. */
  readonly damage?: (sample: Uint8Array, next: Draws) => Uint8Array;
  /** Reads bytes, or throws an error of the user; throws an AssertionError if what it gives cannot be right. */
  read(bytes: Uint8Array<ArrayBuffer>): Promise<void>;
}
