/** Returns the index of the largest number of an image's logits or probabilities; of equal numbers the first. */
export const likeliestClass = (row: Float32Array): number =>
  row.reduce((best, value, index) => value > row[best]! ? index : best, 0);
