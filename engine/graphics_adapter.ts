/**
 * The graphics processor that WebGPU would take.
 *
 * @module
 */
import { loads } from "./shared_library.ts";

/** A graphics processor as WebGPU sees it. */
export interface GraphicsAdapter {
  readonly name: string;
  /** Whether it is a driver that computes on the CPU. */
  readonly software: boolean;
}

/**
 * The graphics processor that WebGPU would take, if there is one. Asking loads its driver. Mesa's drivers bring LLVM, and
 * TensorFlow's native library, which has an LLVM of its own, crashes if it is loaded after them: load it before.
 */
export async function graphicsAdapter(): Promise<GraphicsAdapter | undefined> {
  // Without Vulkan, WebGPU falls back on OpenGL, which onnxruntime cannot use.
  if (Deno.build.os === "linux" && !loads("libvulkan.so.1")) return undefined;
  const adapter = await navigator.gpu?.requestAdapter().catch(() => null);
  if (!adapter) return undefined;
  return { name: adapter.info.description || "a graphics processor", software: adapter.info.isFallbackAdapter };
}
