/** Soft-max regression on pixels, trained by stochastic gradient descent: it learns from colours and places alone. */
import { batchesInOrder, trainingBatches } from "../../data/batches.ts";
import type { Dataset } from "../../data/dataset.ts";

/** The test accuracy after `epochs`, with a learning rate that falls linearly to 0. */
export function linearAccuracy(dataset: Dataset, epochs: number, learningRate: number): number {
  const classes = dataset.labels.length, size = dataset.imageShape.reduce((a, b) => a * b);
  const weights = Array.from({ length: classes }, () => new Float64Array(size + 1));
  const logits = (image: Float32Array) =>
    weights.map((row) => {
      let sum = row[size]!;
      for (let at = 0; at < size; at++) sum += row[at]! * image[at]!;
      return sum;
    });
  const batch = 10, steps = epochs * Math.floor(dataset.train.count / batch);
  const batchAt = trainingBatches(dataset, { seed: 1, batch, augment: "none", shuffle: true });
  for (let step = 0; step < steps; step++) {
    const { images, labels } = batchAt(step);
    const rate = learningRate * (1 - step / steps);
    for (let n = 0; n < batch; n++) {
      const image = images.subarray(n * size, (n + 1) * size);
      const scores = logits(image), most = Math.max(...scores);
      const exponentials = scores.map((score) => Math.exp(score - most));
      const total = exponentials.reduce((a, b) => a + b);
      weights.forEach((row, label) => {
        const gradient = rate * (exponentials[label]! / total - (label === labels[n] ? 1 : 0));
        for (let at = 0; at < size; at++) row[at]! -= gradient * image[at]!;
        row[size]! -= gradient;
      });
    }
  }
  const [{ count, images, labels }] = batchesInOrder(dataset, dataset.test, dataset.test.count) as unknown as [
    { count: number; images: Float32Array; labels: Int32Array },
  ];
  let correct = 0;
  for (let n = 0; n < count; n++) {
    const scores = logits(images.subarray(n * size, (n + 1) * size));
    if (scores.indexOf(Math.max(...scores)) === labels[n]) correct++;
  }
  return correct / count;
}
