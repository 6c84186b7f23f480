/**
 * An inspection of a data set, as a page.
 *
 * @module
 */
import { isAcrossClasses, isAcrossSplits, pictureName } from "../../data/inspection/findings.ts";
import type { Inspection } from "../../data/inspection/inspection.ts";
import type { InspectedPicture } from "../../data/inspection/picture.ts";
import type { Twins } from "../../data/inspection/twins.ts";
import { sizesText, splitTitles } from "./inspection_text.ts";
import { flagMarkup, html, type Markup, pathMarkup } from "./markup.ts";
import { documentOf, section } from "./page.ts";
import { drawSizes, isVaried } from "./size_figure.ts";
import { fact, table } from "./tables.ts";

/** Groups of copies, pictures of a group, and blank pictures that the page shows. */
const GROUPS = 60, OF_GROUP = 6, BLANK = 24;
/** Samples of all classes together, and the most and fewest of one. */
const SAMPLES = 400, MOST_SAMPLES = 10, FEWEST_SAMPLES = 2;
/** Samples that fit into a column beside others. */
const IN_COLUMN = 4;
/** The most classes whose table is open. */
const OPEN_CLASSES = 20;
/** Files that are named for a reason to leave them out. */
const NAMED = 20;

/** The URLs of pictures; one that cannot be shown has none. */
export type Thumbnails = ReadonlyMap<InspectedPicture, string>;

/** The pictures that {@linkcode inspectionPage} shows. */
export function shownPictures(inspection: Inspection): InspectedPicture[] {
  const { twins, blank } = inspection;
  const shown = [
    ...samplesOf(inspection).flat(),
    ...twins.slice(0, GROUPS).flatMap(({ pictures }) => pictures.slice(0, OF_GROUP)),
    ...blank.slice(0, BLANK),
  ];
  return [...new Set(shown)];
}

/** @param name of the data set */
export async function inspectionPage(name: string, inspection: Inspection, urls: Thumbnails): Promise<string> {
  const { twins, blank, leftOutGroups, sizes } = inspection;
  const body = html`
    <header>
      <h1>${name}</h1>
      <p>The data set before training</p>
    </header>
    ${factsOf(inspection)} ${section("Warnings", warnings(inspection))} ${section("Classes", classes(inspection))}
    ${sizes &&
      section("Sizes", [
        html`<p>${flagMarkup(capitalised(sizesText(sizes)))}.</p>`,
        isVaried(sizes) && await drawSizes(sizes),
      ])}
    ${twins.length > 0 && section("Copies", copies(inspection, urls))}
    ${blank.length > 0 && section("Blank pictures", gallery(blank.slice(0, BLANK), inspection, urls))}
    ${leftOutGroups.length > 0 && section("Left out", leftOut(inspection))}
    ${section("Samples", samples(inspection, urls))}
  `;
  return documentOf(`${name} — ShakeNet`, body);
}

function factsOf({ pictures, labels, splits, twins, blank, leftOut, findings }: Inspection): Markup {
  const content = [
    fact(
      "Pictures",
      pictures.length,
      splits.map(({ split, pictures }) => `${pictures} ${splitTitles[split]}`).join(", "),
    ),
    fact("Classes", labels.length),
    fact("Warnings", findings.length),
    fact("Groups of copies", twins.length, `${twins.filter(isAcrossSplits).length} in several splits`),
    fact("Blank", blank.length),
    fact("Left out", leftOut.length, "files"),
  ];
  return html`<dl class="facts">${content}</dl>`;
}

function warnings({ findings }: Inspection): Markup {
  if (findings.length === 0) return html`<p class="good">Nothing was found that is likely a mistake.</p>`;
  const items = findings.map(({ says, remedy }) =>
    html`<li><span class="bad">${capitalised(says)}.</span> ${flagMarkup(capitalised(remedy))}.</li>`
  );
  return html`<ul class="findings">${items}</ul>`;
}

function classes({ labels, splits }: Inspection): Markup {
  const most = Math.max(...splits.flatMap(({ classes }) => classes));
  const rows = labels.map((label, at) => [
    label,
    html`<meter min="0" max="${most}" value="${splits[0]!.classes[at]!}"></meter>`,
    ...splits.map(({ classes }) => classes[at]!),
  ]);
  const all = ["all", "", ...splits.map(({ pictures }) => pictures)];
  const counts = table(["class", "", ...splits.map(({ split }) => splitTitles[split])], [...rows, all], 2);
  return labels.length <= OPEN_CLASSES
    ? counts
    : html`<details><summary>${labels.length} classes</summary>${counts}</details>`;
}

const kindTexts: Readonly<Record<Twins["kind"], string>> = {
  identical: "the same file",
  alike: "the same picture",
  mirrored: "the same picture, mirrored",
};

function copies({ twins, labels }: Inspection, urls: Thumbnails): Markup[] {
  const groups = twins.slice(0, GROUPS).map((group) => {
    const { kind, pictures } = group;
    const where = [isAcrossSplits(group) && "several splits", isAcrossClasses(group) && "several classes"]
      .filter((text) => text !== false).join(" and ");
    const grave = where && html`<span class="bad">, in ${where}</span>`;
    const more = pictures.length > OF_GROUP && html`<p>and ${pictures.length - OF_GROUP} more</p>`;
    const shown = gallery(pictures.slice(0, OF_GROUP), { labels }, urls);
    return html`<section><h3>${capitalised(kindTexts[kind])}${grave}</h3>${shown}${more}</section>`;
  });
  const more = twins.length > GROUPS &&
    html`<p>${twins.length - GROUPS} more groups are in the output of <code>--json</code>.</p>`;
  return [html`<div class="groups">${groups}</div>`, html`${more}`];
}

function gallery(
  pictures: readonly InspectedPicture[],
  { labels }: Pick<Inspection, "labels">,
  urls: Thumbnails,
): Markup {
  const items = pictures.map((picture) => {
    const { label, split } = picture;
    const text = html`<span>${pathMarkup(pictureName(picture))}</span><span>${labels[label]!}, ${
      splitTitles[split]
    }</span>`;
    return html`<li>${image(picture, labels, urls)}${text}</li>`;
  });
  return html`<ul class="mistakes">${items}</ul>`;
}

const image = (picture: InspectedPicture, labels: readonly string[], urls: Thumbnails): Markup =>
  html`<img src="${urls.get(picture) ?? ""}" alt="${labels[picture.label]!}" title="${pictureName(picture)}">`;

function leftOut({ leftOutGroups }: Inspection): Markup {
  const rows = leftOutGroups.map(({ reason, count, files }) => {
    const more = count > NAMED ? ` and ${count - NAMED} more` : "";
    return [reason, files.slice(0, NAMED).join(", ") + more, count];
  });
  return table(["reason", "files", "number"], rows, 2);
}

/** The first pictures of each class: of its training split, so that no test picture is looked at by chance. */
function samplesOf({ pictures, labels }: Inspection): InspectedPicture[][] {
  const each = Math.max(FEWEST_SAMPLES, Math.min(MOST_SAMPLES, Math.floor(SAMPLES / labels.length)));
  const rows = labels.map((): InspectedPicture[] => []);
  for (const picture of pictures) {
    const row = rows[picture.label]!;
    if (picture.split === "train" && row.length < each) row.push(picture);
  }
  return rows;
}

function samples(inspection: Inspection, urls: Thumbnails): Markup {
  const { labels } = inspection;
  const rows = samplesOf(inspection);
  const classes = rows.map((row, label) => {
    const pictures = row.map((picture) => image(picture, labels, urls));
    return html`
      <section>
        <h3>${labels[label]!}</h3>
        <div class="samples">${pictures}</div>
      </section>
    `;
  });
  const areShort = rows.every(({ length }) => length <= IN_COLUMN);
  return html`<div class="${areShort && "groups"}">${classes}</div>`;
}

const capitalised = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
