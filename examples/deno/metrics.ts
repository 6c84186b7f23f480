/** Counters in the text format of Prometheus. */

/** Upper bounds of the histogram of seconds. */
const SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

export class Metrics {
  readonly #requests = new Map<string, number>();
  readonly #seconds = { buckets: SECONDS.map(() => 0), sum: 0, count: 0 };
  #batches = 0;
  #images = 0;

  /** @param route one of a few fixed names: each makes a series */
  request(route: string, status: number, seconds: number): void {
    const labels = `route="${route}",status="${status}"`;
    this.#requests.set(labels, (this.#requests.get(labels) ?? 0) + 1);
    SECONDS.forEach((bound, at) => this.#seconds.buckets[at]! += Number(seconds <= bound));
    this.#seconds.sum += seconds;
    this.#seconds.count++;
  }

  batch(images: number): void {
    this.#batches++;
    this.#images += images;
  }

  /** @param gauges values of this moment, by name */
  text(gauges: Readonly<Record<string, number>>): string {
    const { buckets, sum, count } = this.#seconds;
    const lines = [
      "# TYPE shakenet_requests_total counter",
      ...[...this.#requests].map(([labels, value]) => `shakenet_requests_total{${labels}} ${value}`),
      "# TYPE shakenet_request_seconds histogram",
      ...SECONDS.map((bound, at) => `shakenet_request_seconds_bucket{le="${bound}"} ${buckets[at]}`),
      `shakenet_request_seconds_bucket{le="+Inf"} ${count}`,
      `shakenet_request_seconds_sum ${sum}`,
      `shakenet_request_seconds_count ${count}`,
      "# TYPE shakenet_batches_total counter",
      `shakenet_batches_total ${this.#batches}`,
      "# TYPE shakenet_images_total counter",
      `shakenet_images_total ${this.#images}`,
      ...Object.entries(gauges).flatMap((
        [name, value],
      ) => [`# TYPE shakenet_${name} gauge`, `shakenet_${name} ${value}`]),
    ];
    return `${lines.join("\n")}\n`;
  }
}
