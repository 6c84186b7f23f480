/**
 * The stem: the convolutions before the first stage. That of the paper keeps the size of its 32 x 32 pixel images; a stem for
 * larger ones halves or quarters it, by convolutions of 3 x 3 pixels with stride 2 (one of the stems in He et al. 2019, "Bag of
 * tricks for image classification", section 4.2, has them instead of ResNet's 7 x 7).
 *
 * @module
 */
import { conv2d, type Layer, relu, sequential } from "./layers.ts";
import { IMAGE_CHANNELS } from "./network.ts";
import { type Reduction, STEM_FILTERS } from "./network_choices.ts";

/** Tells if a variable is of the second convolution of a stem, or of the layer after it. */
export const isOfSecondConvolution = (variable: string): boolean => /^stem\/(conv2|bn2)\//.test(variable);

/** A convolution of the stem and the layer after it, by name. */
export interface StemConvolution {
  readonly convolution: string;
  readonly norm: string;
  readonly stride: number;
}

/** Lists the convolutions of a stem; there is a ReLU between two. */
export function stemConvolutions(reduction: Reduction): StemConvolution[] {
  const first = { convolution: "stem/conv", norm: "stem/bn", stride: reduction === 1 ? 1 : 2 };
  return reduction === 4 ? [first, { convolution: "stem/conv2", norm: "stem/bn2", stride: 2 }] : [first];
}

/**
 * Returns a stem, [batch, height, width, 3] to [batch, height / reduction, width / reduction, filters].
 *
 * @param norm makes the layer after a convolution
 */
export function stem(reduction: Reduction, filters: number, norm: (name: string, filters: number) => Layer): Layer {
  return sequential(
    ...stemConvolutions(reduction).flatMap(({ convolution, norm: after, stride }, at) => [
      ...(at > 0 ? [relu] : []),
      conv2d(convolution, 3, at === 0 ? IMAGE_CHANNELS : filters, filters, stride),
      norm(after, filters),
    ]),
  );
}

/**
 * Says how a stem differs from the customary one, for the title of a network.
 *
 * @param filters default: the customary number
 */
export const stemTitle = (reduction: Reduction, filters = STEM_FILTERS): string =>
  (reduction === 1 ? "" : `, stem ${reduction}`) + (filters === STEM_FILTERS ? "" : `, ${filters} stem filters`);
