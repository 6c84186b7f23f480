/**
 * The graphics processor that WebGPU uses.
 *
 * @module
 */
import { loads } from "./shared_library.ts";

/** A graphics processor as WebGPU sees it. */
export interface GraphicsAdapter {
  readonly name: string;
  /** The driver computes on the CPU. */
  readonly software: boolean;
}

/**
 * Asks for the graphics processor that WebGPU uses, if there is one. Asking loads its driver. Mesa's drivers bring LLVM;
 * TensorFlow's native library has an LLVM of its own and crashes if it is loaded after them. Load TensorFlow before.
 */
export async function graphicsAdapter(): Promise<GraphicsAdapter | undefined> {
  // Without Vulkan, WebGPU falls back on OpenGL, which onnxruntime cannot use.
  if (Deno.build.os === "linux" && !loads("libvulkan.so.1")) return undefined;
  const adapter = await navigator.gpu?.requestAdapter().catch(() => null);
  if (!adapter) return undefined;
  return { name: adapter.info.description || "a graphics processor", software: adapter.info.isFallbackAdapter };
}
