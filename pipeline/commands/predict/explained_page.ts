/**
 * The pictures of `predict --explain` beside their maps and answers, as a page.
 *
 * @module
 */
import type { Dataset } from "../../../data/dataset.ts";
import { percentText } from "../../cli/quantity.ts";
import { html, type Markup, pathMarkup } from "../../report/markup.ts";
import { documentOf } from "../../report/page.ts";
import { pictureUrl } from "../../report/pictures.ts";

/** Pictures that the page shows; the folder has all of them. */
const SHOWN = 200;

/** A picture as the network sees it, and the same with its map; uint8 [height, width, 3]. */
export interface Explained {
  readonly pixels: Uint8Array;
  readonly shape: Dataset["imageShape"];
  readonly drawn: Uint8Array;
  readonly drawnShape: Dataset["imageShape"];
}

/** A classified picture. */
interface Answer {
  readonly picture: string;
  /** The likeliest class first. */
  readonly classes: readonly { readonly label: string; readonly probability: number }[];
  readonly unsure?: true;
  /** The path of the picture with its map. */
  readonly explanation?: string;
}

export class ExplainedPage {
  /** URLs by the path of the picture with its map. */
  readonly #urls = new Map<string, { readonly picture: string; readonly map: string }>();
  readonly #items: Markup[] = [];
  #pictures = 0;

  async draw(path: string, { pixels, shape, drawn, drawnShape }: Explained): Promise<void> {
    if (this.#urls.size >= SHOWN) return;
    this.#urls.set(path, { picture: await pictureUrl(pixels, shape), map: await pictureUrl(drawn, drawnShape) });
  }

  /** Adds the answers of pictures that are drawn; the others cannot be read. */
  add(predictions: readonly (Answer | { readonly error: string })[]): void {
    for (const prediction of predictions) {
      if ("error" in prediction || prediction.explanation === undefined) continue;
      this.#pictures++;
      const urls = this.#urls.get(prediction.explanation);
      if (urls) this.#items.push(itemOf(prediction, urls));
    }
  }

  document(): string {
    const more = this.#pictures > this.#items.length &&
      html`<p>The first ${this.#items.length} of ${this.#pictures} pictures; the folder has all of them.</p>`;
    const body = html`
      <header>
        <h1>Explained answers</h1>
        <p>Each picture, and below it the places that speak for the answer, red ones the most (Grad-CAM).</p>
      </header>
      ${more}
      <ul class="mistakes">${this.#items}</ul>
    `;
    return documentOf("Explained answers — ShakeNet", body);
  }
}

function itemOf(
  { picture, classes, unsure }: Answer,
  urls: { readonly picture: string; readonly map: string },
): Markup {
  const [{ label, probability }] = classes as [{ label: string; probability: number }];
  const answer = `${label} ${percentText(probability).replace(" ", "\u00a0")}`;
  return html`
    <li>
      <img src="${urls.picture}" alt="${picture}"><img src="${urls.map}" alt="what speaks for ${label}">
      <span>${answer}</span>${unsure && html`<span class="bad">unsure</span>`}
      <span class="name">${pathMarkup(picture)}</span>
    </li>
  `;
}
