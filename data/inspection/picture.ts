/**
 * A picture as an inspection sees it.
 *
 * @module
 */
import type { SplitName } from "../image_folder/split_names.ts";

export interface InspectedPicture {
  /** The path of its file below the folder of the data set; undefined if it is a record. */
  readonly file: string | undefined;
  /** Its place in the split. */
  readonly index: number;
  readonly split: SplitName;
  /** Index of its class. */
  readonly label: number;
  /** SHA-256 of its file, or of its pixels if it is a record. */
  readonly digest: string;
  /** Height and width of its file, upright. */
  readonly height: number;
  readonly width: number;
  /** The whole picture, stretched: uint8 [32, 32, 3]. */
  readonly pixels: Uint8Array;
}
