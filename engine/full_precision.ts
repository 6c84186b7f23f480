/**
 * Has NVIDIA's libraries compute float32 in full. They round the factors of products and convolutions to 10 bits (TF32)
 * unless told not to, and read this variable when they are loaded. Who sets it to 1 asks for less precision.
 */
export function computeInFullPrecision(): void {
  if (Deno.env.get("NVIDIA_TF32_OVERRIDE") === undefined) Deno.env.set("NVIDIA_TF32_OVERRIDE", "0");
}
