/**
 * The devices of onnxruntime: whether one can be used here, and what its sessions leave in its memory.
 *
 * @module
 */
import * as ort from "onnxruntime-node";
import { existsSync } from "node:fs";
import { type DataType, DYNAMIC, ModelBuilder } from "../onnx/internal.ts";
import { EngineUnavailableError, type HostTensor } from "./engine.ts";
import type { DeviceName } from "./engine_names.ts";
import { computeInFullPrecision } from "./full_precision.ts";
import { loads } from "./shared_library.ts";

// Errors come as exceptions; otherwise onnxruntime writes them to standard error too.
ort.env.logLevel = "fatal";

/** The folder of onnxruntime's libraries for this machine. */
export const librariesFolder = new URL(
  `../bin/napi-v6/${{ windows: "win32" }[Deno.build.os as string] ?? Deno.build.os}/${
    { x86_64: "x64", aarch64: "arm64" }[Deno.build.arch]
  }/`,
  import.meta.resolve("onnxruntime-node"),
);

/** Onnxruntime's CUDA kernels, which `deno task setup:cuda` installs. */
export const cudaLibrary = new URL("libonnxruntime_providers_cuda.so", librariesFolder);

export class Device {
  /** Sessions that copy a tensor, by element type. They also keep the device's memory alive as long as its tensors. */
  readonly #copies = new Map<string, Promise<ort.InferenceSession>>();

  private constructor(readonly name: DeviceName) {}

  /** @throws {EngineUnavailableError} if it cannot be used here */
  static async open(name: DeviceName): Promise<Device> {
    const device = new Device(name);
    if (name === "cuda" && !existsSync(cudaLibrary)) {
      throw unavailable(name, "its kernels for onnxruntime are not installed", "run `deno task setup:cuda`");
    }
    if (name === "webgpu" && Deno.build.os === "linux" && !loads("libvulkan.so.1")) {
      throw unavailable(
        name,
        "there is no Vulkan (libvulkan.so.1)",
        "install the Vulkan driver of a graphics processor",
      );
    }
    if (name === "cuda") computeInFullPrecision();
    try {
      await device.#copyOf("float32");
    } catch (error) {
      const why = firstLine(error);
      if (name === "cuda") throw unavailable(name, why, "see what is missing with `deno task setup:cuda`");
      throw unavailable(name, why, "install the driver of a graphics processor (on Linux, its Vulkan driver)");
    }
    return device;
  }

  /**
   * Options of a session.
   *
   * @param kept outputs that stay in the device's memory, for the next run to take; only WebGPU's can
   * @param read outputs that go to JavaScript's memory
   */
  sessionOptions(kept: readonly string[], read: readonly string[]): ort.InferenceSession.SessionOptions {
    if (this.name !== "webgpu") return { executionProviders: [this.name] };
    const locations = [
      ...kept.map((name) => [name, "gpu-buffer"] as const),
      ...read.map((name) => [name, "cpu"] as const),
    ];
    return { executionProviders: [this.name], preferredOutputLocation: Object.fromEntries(locations) };
  }

  /** Copies a tensor to JavaScript's memory. */
  async read(tensor: ort.Tensor): Promise<HostTensor> {
    const shape = tensor.dims;
    if (tensor.location === "cpu") return { shape, data: (tensor.data as HostTensor["data"]).slice() };
    const list = ort.Tensor.fromGpuBuffer(tensor.gpuBuffer, {
      dataType: tensor.type as DataType,
      dims: [tensor.size],
    });
    const { copy } = await (await this.#copyOf(tensor.type as DataType)).run({ list });
    return { shape, data: copy!.data as HostTensor["data"] };
  }

  #copyOf(dtype: DataType): Promise<ort.InferenceSession> {
    const known = this.#copies.get(dtype);
    if (known) return known;
    const builder = new ModelBuilder(17);
    const type = { shape: [DYNAMIC], dtype };
    builder.output("copy", builder.input("list", type), type);
    const session = ort.InferenceSession.create(builder.build(), {
      executionProviders: [this.name],
      logSeverityLevel: 4,
    });
    this.#copies.set(dtype, session);
    return session;
  }
}

const unavailable = (device: DeviceName, why: string, next: string) =>
  new EngineUnavailableError(`device ${device} cannot be used: ${why}; ${next}, or use --device cpu`);

/** What an error of onnxruntime says, without its place in the source. */
const firstLine = (error: unknown): string =>
  String(error instanceof Error ? error.message : error).trim().split("\n")[0]!.replace(/^.* was false\. /, "");
