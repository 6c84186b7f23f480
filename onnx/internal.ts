/**
 * The interface of `onnx/` for the other rooms of this program. The library's public interface, `mod.ts`, is smaller.
 *
 * @module
 */
export * from "./without_tracer.ts";
export { formatGraph } from "./graph/format_graph.ts";
export { lowerings } from "./lowerings/mod.ts";
export { toFloat16 } from "./edits/float16.ts";
export { planQuantisation, type QuantisationPlan, type Range } from "./edits/quantise.ts";
export { readProperties, withMetadata } from "./file/metadata.ts";
export { applyPass, exactPasses, type Pass, passes, type Rule } from "./passes/mod.ts";
export { type OnnxOptions, toOnnx, trace } from "./to_onnx.ts";
export type { InputSpec, TensorFunction } from "./trace/trace.ts";
export { TraceError } from "./graph/trace_error.ts";
