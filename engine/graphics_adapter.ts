/** A graphics processor as WebGPU sees it. */
export interface GraphicsAdapter {
  readonly name: string;
  /** Whether it is a driver that computes on the CPU. */
  readonly software: boolean;
}

/** The graphics processor that WebGPU would take, if there is one. */
export async function graphicsAdapter(): Promise<GraphicsAdapter | undefined> {
  const adapter = await navigator.gpu?.requestAdapter().catch(() => null);
  if (!adapter) return undefined;
  return { name: adapter.info.description || "a graphics processor", software: adapter.info.isFallbackAdapter };
}
