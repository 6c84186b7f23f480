/**
 * The devices of onnxruntime: opening one, and copying tensors from its memory.
 *
 * @module
 */
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { type DataType, DYNAMIC, ModelBuilder } from "../onnx/without_tracer.ts";
import { EngineUnavailableError, type HostTensor } from "./engine.ts";
import type { DeviceName } from "./engine_names.ts";
import { firstLine } from "./first_line.ts";
import { computeInFullPrecision, SESSION_LOG } from "./library_settings.ts";
import { type InferenceSession, onnxruntime, openSession, type Session, type Tensor } from "./onnxruntime.ts";
import { loads } from "./shared_library.ts";

/** The folder of onnxruntime's libraries for this machine. */
export const librariesFolder = new URL(
  `../bin/napi-v6/${{ windows: "win32" }[Deno.build.os as string] ?? Deno.build.os}/${
    { x86_64: "x64", aarch64: "arm64" }[Deno.build.arch]
  }/`,
  import.meta.resolve("onnxruntime-node"),
);

/** Onnxruntime's CUDA kernels, which `deno task setup:cuda` installs. */
export const cudaLibrary = fileURLToPath(new URL("libonnxruntime_providers_cuda.so", librariesFolder));

/** A device that sessions run on. Dispose of it after its sessions and tensors. */
export class Device implements AsyncDisposable {
  /** Sessions that copy a tensor, by element type. They keep the device's memory alive, which tensors may outlive. */
  readonly #copies = new Map<string, Promise<Session>>();

  private constructor(readonly name: DeviceName) {}

  /** @throws {EngineUnavailableError} if onnxruntime does not load on this machine, or the device cannot be used */
  static async open(name: DeviceName): Promise<Device> {
    onnxruntime();
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
      const why = reasonOf(error);
      if (name === "cuda") throw unavailable(name, why, "see what is missing with `deno task setup:cuda`");
      throw unavailable(name, why, "install the driver of a graphics processor (on Linux, its Vulkan driver)");
    }
    return device;
  }

  /**
   * Returns the options of a session.
   *
   * @param kept outputs that stay in the device's memory for the next run; only WebGPU can keep them
   * @param read outputs that go to JavaScript's memory
   */
  sessionOptions(kept: readonly string[], read: readonly string[]): InferenceSession.SessionOptions {
    if (this.name !== "webgpu") return { executionProviders: [this.name] };
    const locations = [
      ...kept.map((name) => [name, "gpu-buffer"] as const),
      ...read.map((name) => [name, "cpu"] as const),
    ];
    return { executionProviders: [this.name], preferredOutputLocation: Object.fromEntries(locations) };
  }

  /** Copies a tensor to JavaScript's memory. */
  async read(tensor: Tensor): Promise<HostTensor> {
    const shape = tensor.dims;
    if (tensor.location === "cpu") return { shape, data: (tensor.data as HostTensor["data"]).slice() };
    const list = onnxruntime().Tensor.fromGpuBuffer(tensor.gpuBuffer, {
      dataType: tensor.type as DataType,
      dims: [tensor.size],
    });
    const { copy } = await (await this.#copyOf(tensor.type as DataType)).run({ list });
    return { shape, data: copy!.data as HostTensor["data"] };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const copies = [...this.#copies.values()];
    this.#copies.clear();
    for (const session of copies) await (await session)[Symbol.asyncDispose]();
  }

  #copyOf(dtype: DataType): Promise<Session> {
    const known = this.#copies.get(dtype);
    if (known) return known;
    const builder = new ModelBuilder(17);
    const type = { shape: [DYNAMIC], dtype };
    builder.output("copy", builder.input("list", type), type);
    const session = openSession(builder.build(), {
      executionProviders: [this.name],
      logSeverityLevel: SESSION_LOG.fatal,
    });
    this.#copies.set(dtype, session);
    return session;
  }
}

const unavailable = (device: DeviceName, why: string, next: string) =>
  new EngineUnavailableError(`device ${device} cannot be used: ${why}; ${next}, or use --device cpu`);

/** Returns the first line of an error of onnxruntime, without its place in the source. */
const reasonOf = (error: unknown): string => firstLine(error).replace(/^.* was false\. /, "");
