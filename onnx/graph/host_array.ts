import type { DataType, HostArray } from "./graph.ts";

/** The array in which JavaScript holds the elements of a type. */
export const arrayTypes = { float32: Float32Array, int32: Int32Array, bool: Uint8Array } satisfies Record<
  DataType,
  unknown
>;

/** True for a type that traced values have. */
export const isDataType = (dtype: unknown): dtype is DataType =>
  typeof dtype === "string" && Object.hasOwn(arrayTypes, dtype);

/** The type of constants that exist only while tracing. Their elements are pairs of a real and an imaginary part. */
export const COMPLEX = "complex64" as DataType;

/** Elements in the array of their type: the CPU backend keeps those of a cast in the array of the old type. */
export function asHostArray(elements: ArrayLike<number>, dtype: DataType): HostArray {
  const type = dtype === COMPLEX ? Float32Array : arrayTypes[dtype];
  return elements instanceof type ? elements : type.from(elements);
}
