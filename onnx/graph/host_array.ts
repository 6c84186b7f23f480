import type { DataType, HostArray } from "./graph.ts";

/** The array in which JavaScript holds the elements of a type. */
export const arrayTypes = { float32: Float32Array, int32: Int32Array, bool: Uint8Array } satisfies Record<
  DataType,
  unknown
>;

/** True for a type that traced values have. */
export const isDataType = (dtype: unknown): dtype is DataType =>
  typeof dtype === "string" && Object.hasOwn(arrayTypes, dtype);

/** Elements in the array of their type: the CPU backend keeps those of a cast in the array of the old type. */
export const asHostArray = (elements: ArrayLike<number>, dtype: DataType): HostArray =>
  elements instanceof arrayTypes[dtype] ? elements : arrayTypes[dtype].from(elements);
