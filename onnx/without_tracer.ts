/**
 * The part of the interface of `onnx/` that traces and lowers nothing. An engine that knows its graphs loads it alone, a
 * tenth of the sources.
 *
 * @module
 */
export { ALL_REDUCE, allReduce } from "./trace/all_reduce.ts";
export { type Collective, cutAtCollectives, type Stage, type StageValue } from "./edits/cut_stages.ts";
export { joinSums } from "./edits/join_sums.ts";
export { limitOperands } from "./edits/limit_operands.ts";
export { exactJson } from "./graph/exact_json.ts";
export { type DataType, DYNAMIC, type Graph, type Kernel, type Value } from "./graph/graph.ts";
export { outputName } from "./graph/output_name.ts";
export { COLLECTIVE } from "./file/domains.ts";
export { blockSize } from "./training/block_size.ts";
export { ModelBuilder } from "./file/model_builder.ts";
export { onBackend } from "./trace/on_backend.ts";
