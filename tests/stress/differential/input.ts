/** The inputs of drawn calls. */
import type { DataType, HostArray } from "../../../onnx/graph/graph.ts";

/** A size that is known while tracing, or the name of one that is known only when the graph runs. */
export type Dim = number | string;

/** An input of a drawn call. */
export interface Input {
  readonly shape: readonly Dim[];
  readonly dtype: DataType;
  /** Draws the elements, once for each size at which the call is compared. */
  readonly elements: (count: number) => HostArray;
}
