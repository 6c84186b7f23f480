/**
 * The interface of `onnx/` for the other rooms of this program. The library's public interface, `mod.ts`, is smaller.
 *
 * @module
 */
export { ALL_REDUCE, allReduce } from "./trace/all_reduce.ts";
export { type Collective, cutAtCollectives, type Stage, type StageValue } from "./edits/cut_stages.ts";
export { joinSums } from "./edits/join_sums.ts";
export { limitOperands } from "./edits/limit_operands.ts";
export { type DataType, DYNAMIC, type Graph, type Kernel, type Value } from "./graph/graph.ts";
export { formatGraph } from "./graph/format_graph.ts";
export { COLLECTIVE } from "./file/domains.ts";
export { blockSize } from "./training/block_size.ts";
export { lowerings } from "./lowerings/mod.ts";
export { ModelBuilder } from "./file/model_builder.ts";
export { toFloat16 } from "./edits/float16.ts";
export { planQuantisation, type QuantisationPlan, type Range } from "./edits/quantise.ts";
export { readProperties, withMetadata } from "./file/metadata.ts";
export { applyPass, type Pass, passes, type Rule } from "./passes/mod.ts";
export { onBackend } from "./trace/on_backend.ts";
export { type OnnxOptions, outputName, toOnnx, trace } from "./to_onnx.ts";
export type { InputSpec, TensorFunction } from "./trace/trace.ts";
export { TraceError } from "./graph/trace_error.ts";
