/**
 * The C interface of onnxruntime's library, called through Deno's foreign function interface. It offers what the package
 * onnxruntime-node does not: operators that are written here.
 *
 * The interface is a table of functions (`OrtApi` in onnxruntime_c_api.h). Their places in it never change.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import { librariesFolder } from "./device.ts";

/** A function of the table: its place, and the types of its parameters. Its result is a status, null if all is well. */
const statusFunctions = {
  createEnv: [3, ["i32", "buffer", "buffer"]],
  createSessionFromArray: [8, ["pointer", "buffer", "usize", "pointer", "buffer"]],
  run: [9, ["pointer", "pointer", "buffer", "buffer", "usize", "buffer", "usize", "buffer"]],
  createSessionOptions: [10, ["buffer"]],
  setOptimizedModelFilePath: [11, ["pointer", "buffer"]],
  disableMemPattern: [17, ["pointer"]],
  setSessionLogSeverityLevel: [22, ["pointer", "i32"]],
  setSessionGraphOptimizationLevel: [23, ["pointer", "i32"]],
  setIntraOpNumThreads: [24, ["pointer", "i32"]],
  setInterOpNumThreads: [25, ["pointer", "i32"]],
  createCustomOpDomain: [26, ["buffer", "buffer"]],
  customOpDomainAdd: [27, ["pointer", "buffer"]],
  addCustomOpDomain: [28, ["pointer", "pointer"]],
  createTensorWithDataAsOrtValue: [49, ["pointer", "buffer", "usize", "buffer", "usize", "i32", "buffer"]],
  getTensorMutableData: [51, ["pointer", "buffer"]],
  getDimensionsCount: [61, ["pointer", "buffer"]],
  getDimensions: [62, ["pointer", "buffer", "usize"]],
  getTensorTypeAndShape: [65, ["pointer", "buffer"]],
  createCpuMemoryInfo: [69, ["i32", "i32", "buffer"]],
  kernelContextGetInputCount: [88, ["pointer", "buffer"]],
  kernelContextGetInput: [90, ["pointer", "usize", "buffer"]],
  kernelContextGetOutput: [91, ["pointer", "usize", "buffer", "usize", "buffer"]],
} as const satisfies Record<string, readonly [place: number, parameters: readonly Deno.NativeType[]]>;

const releaseFunctions = {
  releaseStatus: 93,
  releaseMemoryInfo: 94,
  releaseSession: 95,
  releaseValue: 96,
  releaseTensorTypeAndShapeInfo: 99,
  releaseSessionOptions: 100,
  releaseCustomOpDomain: 101,
} as const;

/** Values of the interface's enumerations. */
const FAIL = 1, LOG_ERRORS = 3;
/** The version of the table that is asked for; a library that is newer has it too. */
const API_VERSION = 16;

type StatusFunctions = {
  readonly [Name in keyof typeof statusFunctions]: (...values: readonly unknown[]) => void;
};
type ReleaseFunctions = { readonly [Name in keyof typeof releaseFunctions]: (object: Deno.PointerValue) => void };

export interface OnnxruntimeApi extends StatusFunctions, ReleaseFunctions {
  readonly environment: Deno.PointerValue;
  /** Makes the status of an operator that failed; onnxruntime owns it. */
  failure(message: string): Deno.PointerValue;
}

let opened: OnnxruntimeApi | undefined;

/** Opens the library, once. It is the same that onnxruntime-node has loaded. */
export function onnxruntimeApi(): OnnxruntimeApi {
  return opened ??= open();
}

const libraryName = Deno.build.os === "darwin" ? "libonnxruntime.1.dylib" : "libonnxruntime.so.1";

function open(): OnnxruntimeApi {
  const library = fileURLToPath(new URL(libraryName, librariesFolder));
  const { symbols } = Deno.dlopen(library, { OrtGetApiBase: { parameters: [], result: "pointer" } });
  const getApi = new Deno.UnsafeFnPointer(entry(symbols.OrtGetApiBase(), 0)!, {
    parameters: ["u32"],
    result: "pointer",
  });
  const table = getApi.call(API_VERSION);
  if (table === null) throw new Error(`onnxruntime's interface ${API_VERSION} is not there`);
  const call = (place: number, parameters: readonly Deno.NativeType[], result: Deno.NativeResultType) => {
    const pointer = new Deno.UnsafeFnPointer(entry(table, place)!, { parameters, result });
    return (...values: readonly unknown[]) => pointer.call(...values as []) as unknown;
  };
  const messageOf = call(2, ["pointer"], "pointer"), createStatus = call(0, ["i32", "buffer"], "pointer");
  const releases = Object.fromEntries(
    Object.entries(releaseFunctions).map(([name, place]) => [name, call(place, ["pointer"], "void")]),
  ) as ReleaseFunctions;
  const checked = (name: string, place: number, parameters: readonly Deno.NativeType[]) => {
    const function_ = call(place, parameters, "pointer");
    return (...values: readonly unknown[]) => {
      const status = function_(...values) as Deno.PointerValue;
      if (status === null) return;
      const message = new Deno.UnsafePointerView(messageOf(status) as Deno.PointerObject).getCString();
      releases.releaseStatus(status);
      throw new Error(`${name}: ${message}`);
    };
  };
  const functions = Object.fromEntries(
    Object.entries(statusFunctions).map(([name, [place, parameters]]) => [name, checked(name, place, parameters)]),
  ) as StatusFunctions;
  return {
    ...functions,
    ...releases,
    // onnxruntime has one environment in a process, which is never released.
    environment: made((out) => functions.createEnv(LOG_ERRORS, cString("shakenet"), out)),
    failure: (message) => createStatus(FAIL, cString(message)) as Deno.PointerValue,
  };
}

const POINTER_BYTES = 8;

const entry = (table: Deno.PointerValue, place: number) =>
  new Deno.UnsafePointerView(table!).getPointer<never>(POINTER_BYTES * place);

/** Returns the object that a function creates. */
export function made(create: (out: BigUint64Array<ArrayBuffer>) => void): Deno.PointerValue {
  const out = new BigUint64Array(1);
  create(out);
  return Deno.UnsafePointer.create(out[0]!);
}

export const addressOf = (bytes: BufferSource): bigint =>
  BigInt(Deno.UnsafePointer.value(Deno.UnsafePointer.of(bytes)));

/** Returns a text as C has it. */
export const cString = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(`${text}\0`);
