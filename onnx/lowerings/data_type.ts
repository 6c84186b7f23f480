import type { DataType as TensorType } from "@tensorflow/tfjs";
import type { DataType } from "../graph/graph.ts";
import { arrayTypes, isDataType } from "../graph/host_array.ts";
import { TraceError } from "../graph/trace_error.ts";
import { callersOf } from "../trace/tensorflow_kernels.ts";

/**
 * Narrows the `dtype` attribute of a kernel to the types that traced values have.
 *
 * @throws {TraceError} if a traced value cannot have the type
 */
export function dataTypeOf(kernel: string, dtype: TensorType): DataType {
  if (isDataType(dtype)) return dtype;
  throw new TraceError(`${callersOf(kernel)} makes ${dtype}; a traced value is ${Object.keys(arrayTypes).join(", ")}`);
}
