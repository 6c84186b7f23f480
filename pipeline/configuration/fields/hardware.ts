/**
 * Fields of the hardware and the engine that use it.
 *
 * @module
 */
import { z } from "zod";
import { deviceNames, engineNames } from "../../../engine/engine_names.ts";
import { choice, field, whole } from "./field.ts";

export const hardwareFields = {
  engine: choice(["auto", ...engineNames], "auto", {
    group: "hardware",
    description: "library that computes; auto takes TensorFlow where it has a GPU, else onnxruntime",
  }),
  device: choice(["auto", ...deviceNames], "auto", {
    group: "hardware",
    description:
      "device of onnxruntime; auto takes CUDA where it is set up, WebGPU where a trial is faster, else the CPU",
    common: true,
  }),
  distributed: choice(["none", "mpi"], "none", {
    group: "hardware",
    description: "mpi: the processes that mpirun starts train together and share each batch (docs/distributed.md)",
  }),
  syncBatchNorm: field(z.boolean().default(true), {
    group: "hardware",
    description: "with --distributed, computes batch norm within each process: faster, but the result differs",
  }),
  rankTimeout: field(z.number().min(1).max(1e6).default(300), {
    group: "hardware",
    description: "with --distributed, seconds after which a process that hangs or cannot be reached ends the job " +
      "(before the first step, 300 at least)",
  }),
  threads: field(whole(1, 1024).optional(), {
    group: "hardware",
    description: "threads of onnxruntime on the CPU; without it, all cores",
  }),
};
