/**
 * Orders the backward half of a training step for memory, and recomputes images there instead of keeping them.
 *
 * A runtime chooses the order of nodes that do not depend on each other. onnxruntime computes the gradients of all images
 * before those of the filters, and holds all of them at once. The kernel `After` is a value that exists only once another one
 * does. With it
 *
 *     inputGradient(dy, f)  = inputGradient(dy, after(f, df))     df = filterGradient(x, dy)
 *     filterGradient(x, dy) = filterGradient(after(x, dy), dy)
 *     filterGradient(y, dy) = filterGradient(z, dy)               y = scaleShift(x, a, b),  z = scaleShift(x, a, after(b, dy))
 *     step(y) dy            = step(after(y, dy)) dy
 *
 * so that a layer finishes before the layer below begins; the combinations of an image for the filter gradient are not computed
 * in the forward half; the image after a batch norm is recomputed, in one pass, from the image before it, which is kept
 * anyway; and masks are not computed in the forward half. All values keep their bits.
 *
 * @module
 */
import { type Graph, isDynamic, type Kernel, type Value } from "../graph/graph.ts";

/** Returns a graph that computes the same in less memory, at the price of a pass over some images. */
export const saveMemory = (graph: Graph): Graph => new Saving(graph).graph();

const FILTER_GRADIENT = "Conv2DBackpropFilter";
const IMAGE_GRADIENTS: readonly string[] = ["Conv2DBackpropInput", "SumOfConv2DBackpropInput"];

class Saving {
  readonly #kernels: Kernel[] = [];
  readonly #done = new Set<Kernel>();
  readonly #inputs: ReadonlySet<Value>;
  readonly #producers = new Map<Value, Kernel>();
  /** The kernels of the old graph that read a value, and their places in it. */
  readonly #consumers = new Map<Value, { readonly kernel: Kernel; readonly place: number }[]>();
  /** Images of the backward half, by the ones of the forward half that they equal. */
  readonly #again = new Map<Value, Value>();
  /** The kernels of masks, which wait for the first kernel that reads the mask. */
  readonly #masks: ReadonlyMap<Value, Kernel>;

  constructor(readonly old: Graph) {
    old.kernels.forEach((kernel, place) => {
      for (const value of Object.values(kernel.inputs)) {
        this.#consumers.set(value, [...this.#consumers.get(value) ?? [], { kernel, place }]);
      }
    });
    this.#inputs = new Set(Object.values(old.inputs));
    this.#masks = masksOf(old);
  }

  graph(): Graph {
    for (const kernel of this.old.kernels) if (!this.#masks.has(kernel.outputs[0]!)) this.#add(kernel);
    for (const output of Object.values(this.old.outputs)) this.#addMask(output, undefined);
    return { ...this.old, kernels: this.#kernels };
  }

  #add(kernel: Kernel): void {
    if (this.#done.has(kernel)) return;
    this.#done.add(kernel);
    const inputs = Object.values(kernel.inputs);
    const other = inputs.find((value) => !this.#masks.has(value));
    for (const value of inputs) this.#addMask(value, other);
    if (kernel.name === FILTER_GRADIENT) this.#keep(this.#filterGradient(kernel));
    else if (IMAGE_GRADIENTS.includes(kernel.name)) this.#keep(this.#imageGradient(kernel));
    else this.#keep(kernel);
  }

  #keep(kernel: Kernel): void {
    this.#kernels.push(kernel);
    for (const value of kernel.outputs) this.#producers.set(value, kernel);
  }

  /** Adds a mask, if the value is one, after the gradient that it multiplies. */
  #addMask(value: Value, gradient: Value | undefined): void {
    const kernel = this.#masks.get(value);
    if (!kernel || this.#done.has(kernel)) return;
    this.#done.add(kernel);
    const x = kernel.inputs["x"]!;
    this.#addMask(x, gradient);
    const known = this.#again.get(x) ?? x;
    const image = gradient && !this.#masks.has(x) ? this.#after(known, gradient) : known;
    this.#keep({ ...kernel, inputs: { ...kernel.inputs, x: image } });
  }

  /** Makes a filter gradient read an image that exists only once its gradient does. */
  #filterGradient(kernel: Kernel): Kernel {
    const { x, dy } = kernel.inputs as { x: Value; dy: Value };
    const image = this.#again.get(x) ?? this.#madeAgain(x, dy, kernel) ?? this.#after(x, dy);
    // The combinations of an image serve every filter that it meets.
    this.#again.set(x, image);
    return { ...kernel, inputs: { ...kernel.inputs, x: image } };
  }

  /** Recomputes a scaled image, if the image that it scales is read later anyway. */
  #madeAgain(image: Value, after: Value, reader: Kernel): Value | undefined {
    const producer = this.#producers.get(image);
    const { x, shift, addend } = producer?.inputs ?? {};
    if (producer?.name !== "ScaleShift" || !x || !shift || addend) return undefined;
    const place = this.#consumers.get(image)!.find(({ kernel }) => kernel === reader)!.place;
    if (this.#consumers.get(x)!.at(-1)!.place < place) return undefined;
    const again: Value = { shape: image.shape, dtype: image.dtype };
    this.#keep({ ...producer, inputs: { ...producer.inputs, shift: this.#after(shift, after) }, outputs: [again] });
    return again;
  }

  /** Waits for the gradients of the filters that read the same gradients. */
  #imageGradient(kernel: Kernel): Kernel {
    const changed = Object.entries(kernel.inputs).flatMap(([key, dy]): [string, Value][] => {
      const ofFilter = key.startsWith("dy") ? this.#filterGradientOf(dy) : undefined;
      if (!ofFilter) return [];
      this.#add(ofFilter);
      const filter = key.replace("dy", "filter");
      return [[filter, this.#after(kernel.inputs[filter]!, ofFilter.outputs[0]!)]];
    });
    return { ...kernel, inputs: { ...kernel.inputs, ...Object.fromEntries(changed) } };
  }

  /** Finds the filter gradient that reads the gradient of an image, if its own image exists already. */
  #filterGradientOf(dy: Value): Kernel | undefined {
    const isThere = (x: Value) => this.#producers.has(x) || this.#inputs.has(x);
    return this.#consumers.get(dy)?.find(({ kernel: { name, inputs } }) =>
      name === FILTER_GRADIENT && inputs["dy"] === dy && isThere(inputs["x"]!)
    )?.kernel;
  }

  #after(x: Value, after: Value): Value {
    const isKnown = ![...x.shape, ...after.shape].some(isDynamic);
    if (!isKnown || x.constant || after.constant) return x;
    const value: Value = { shape: x.shape, dtype: x.dtype };
    this.#keep({ name: "After", inputs: { x, after }, attributes: {}, outputs: [value] });
    return value;
  }
}

/** Finds the masks of ReLUs' gradients, and the conversions of their types. */
function masksOf({ kernels }: Graph): ReadonlyMap<Value, Kernel> {
  const masks = new Map<Value, Kernel>();
  for (const kernel of kernels) {
    const isMask = kernel.name === "Step" || (kernel.name === "Cast" && masks.has(kernel.inputs["x"]!));
    if (isMask) masks.set(kernel.outputs[0]!, kernel);
  }
  return masks;
}
