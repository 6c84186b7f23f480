/**
 * TensorFlow.js functions as ONNX models: trace a function, write its graph.
 *
 * @module
 */
export { ALL_REDUCE, allReduce } from "./all_reduce.ts";
export { type Collective, cutAtCollectives, type Stage, type StageValue } from "./stages.ts";
export { type DataType, DYNAMIC, type Graph, type Kernel, type Value } from "./graph.ts";
export { BLOCKED } from "./lowering.ts";
export { lowerings } from "./lowerings.ts";
export { ModelBuilder } from "./model_builder.ts";
export { toFloat16 } from "./float16.ts";
export { planQuantisation, type QuantisationPlan, type Range } from "./quantise.ts";
export { readProperties, withMetadata } from "./metadata.ts";
export { onBackend } from "./on_backend.ts";
export { type OnnxOptions, outputName, toOnnx } from "./to_onnx.ts";
export { type InputSpec, type TensorFunction, trace } from "./trace.ts";
export { TraceError } from "./trace_error.ts";
