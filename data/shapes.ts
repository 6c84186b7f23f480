/**
 * The embedded data set: ten kinds of figures on 32 x 32 colour pictures, drawn from a seed, in CIFAR-10's record format.
 *
 * Place, size, angle, colours, shading, noise and stray lines and dots have the same distribution for all kinds, and a
 * figure is as often lighter as darker than its ground. No single pixel tells the kind, only the outline does. Figures are
 * drawn by their signed distance to the outline: negative inside, in units of the figure's radius.
 *
 * @module
 */
import { encodeRecord, SIDE } from "./cifar.ts";
import type { DatasetSource, RecordFile } from "./catalogue.ts";
import { type Stream, stream } from "./random.ts";

type Distance = (x: number, y: number) => number;
type Colour = readonly [number, number, number];

/** Least distance between the colours of a figure and its ground, in red, green and blue of 0 to 255. */
const MINIMUM_CONTRAST = 200;
/** Greatest angle of a figure, either way, in radians. */
const LEAN = 0.25;
/** Greatest noise of a pixel's channel, of 0 to 255. */
const NOISE = 10;

const disc = (x: number, y: number, radius: number) => Math.hypot(x, y) - radius;
const box = (x: number, y: number, halfWidth: number, halfHeight: number) =>
  Math.max(Math.abs(x) - halfWidth, Math.abs(y) - halfHeight);

/** The figures by the name of their class, in the order of the labels. */
const figures: Readonly<Record<string, Distance>> = {
  circle: (x, y) => disc(x, y, 0.85),
  square: (x, y) => box(x, y, 0.75, 0.75),
  triangle: (x, y) => Math.max(y - 0.5, 0.866 * Math.abs(x) - 0.5 * y - 0.5),
  star: (x, y) => {
    // Symmetry folds the star to half of one point, whose edge runs from the tip at radius 1 to a notch at radius 0.4.
    const sector = 2 * Math.PI / 5;
    const angle = Math.abs(modulo(Math.atan2(y, x) + sector / 2, sector) - sector / 2);
    const radius = Math.hypot(x, y);
    const [u, v] = [radius * Math.cos(angle) - 1, radius * Math.sin(angle)];
    const [edgeX, edgeY] = [0.4 * Math.cos(sector / 2) - 1, 0.4 * Math.sin(sector / 2)];
    return (v * -edgeX + u * edgeY) / Math.hypot(edgeX, edgeY);
  },
  cross: (x, y) => Math.min(box(x, y, 0.95, 0.3), box(x, y, 0.3, 0.95)),
  ring: (x, y) => Math.abs(Math.hypot(x, y) - 0.68) - 0.24,
  crescent: (x, y) => Math.max(disc(x, y, 0.95), -disc(x - 0.5, y, 0.75)),
  heart: (x, y) => {
    const [u, v] = [(x + y) * Math.SQRT1_2, (y - x) * Math.SQRT1_2];
    return Math.min(box(u, v, 0.52, 0.52), disc(u, v + 0.52, 0.52), disc(u + 0.52, v, 0.52));
  },
  bars: (x, y) => Math.min(box(x, y - 0.52, 0.95, 0.27), box(x, y + 0.52, 0.95, 0.27)),
  angle: (x, y) => Math.min(box(x + 0.55, y, 0.3, 0.85), box(x, y - 0.55, 0.85, 0.3)),
};

/** Names of the classes, by label. */
export const shapeNames: readonly string[] = Object.keys(figures);

/**
 * Draws the files of the data set, as its source names them.
 *
 * @param seed 0 to 2^53 - 1
 * @returns the bytes of each file by its name
 */
export function drawShapes(seed: number, { train, test, labelFile }: DatasetSource): Map<string, Uint8Array> {
  const files = new Map<string, Uint8Array>();
  [...train, ...test].forEach((file, index) => files.set(file.name, drawFile(seed, file, index)));
  return files.set(labelFile, new TextEncoder().encode(shapeNames.join("\n") + "\n"));
}

function drawFile(seed: number, { records }: RecordFile, file: number): Uint8Array {
  const pictures = Array.from({ length: records }, (_, index) => {
    const label = index % shapeNames.length;
    return encodeRecord(label, drawPicture(label, stream(seed, "shapes", file, index)));
  });
  const bytes = new Uint8Array(pictures.length * pictures[0]!.length);
  pictures.forEach((record, index) => bytes.set(record, index * record.length));
  return bytes;
}

/** Draws one picture of a class, uint8 [32, 32, 3]. */
export function drawPicture(label: number, random: Stream): Uint8Array {
  const between = (low: number, high: number) => low + (high - low) * random.uniform();
  const colour = (): Colour => [between(0, 255), between(0, 255), between(0, 255)];
  const several = (most: number) => Array.from({ length: random.integer(most + 1) });
  const canvas = new Float32Array(SIDE * SIDE * 3);

  const ground = colour();
  paint(canvas, () => -1, shaded(ground, colour(), 0.2, random));
  for (const _ of several(1)) {
    const across = placed((x) => Math.abs(x) - 0.6, between(0, SIDE), between(0, SIDE), 1, between(0, Math.PI));
    paint(canvas, across, flat(colour()));
  }
  const radius = between(10, 13.5);
  const position = () => between(radius, SIDE - radius);
  const figure = figures[shapeNames[label]!]!;
  const outline = placed(figure, position(), position(), radius, between(-LEAN, LEAN));
  paint(canvas, outline, shaded(contrasting(ground, colour), colour(), 0.15, random));
  for (const _ of several(2)) {
    const dot = placed((x, y) => disc(x, y, 1), between(0, SIDE), between(0, SIDE), between(0.7, 1.6), 0);
    paint(canvas, dot, flat(colour()));
  }
  return withNoise(canvas, random);
}

/** Turns, scales and moves a figure; distances and places are in pixels. */
function placed(figure: Distance, centreX: number, centreY: number, radius: number, angle: number): Distance {
  const cos = Math.cos(angle) / radius, sin = Math.sin(angle) / radius;
  return (x, y) => {
    const u = x - centreX, v = y - centreY;
    return radius * figure(u * cos + v * sin, v * cos - u * sin);
  };
}

/** Paints the inside of a figure; pixels on the outline are covered in part. */
function paint(canvas: Float32Array, distance: Distance, colourAt: (x: number, y: number) => Colour): void {
  for (let pixel = 0; pixel < SIDE * SIDE; pixel++) {
    const x = pixel % SIDE + 0.5, y = Math.floor(pixel / SIDE) + 0.5;
    const cover = Math.min(1, Math.max(0, 0.5 - distance(x, y)));
    if (cover === 0) continue;
    const colour = colourAt(x, y);
    for (let channel = 0; channel < 3; channel++) {
      canvas[pixel * 3 + channel]! += cover * (colour[channel]! - canvas[pixel * 3 + channel]!);
    }
  }
}

const flat = (colour: Colour) => () => colour;

/** Returns a colour that blends up to `strength` into another across the picture. */
function shaded(
  colour: Colour,
  other: Colour,
  strength: number,
  { uniform }: Stream,
): (x: number, y: number) => Colour {
  const angle = 2 * Math.PI * uniform();
  const cos = Math.cos(angle) / SIDE, sin = Math.sin(angle) / SIDE;
  const [red, green, blue] = colour;
  const [toRed, toGreen, toBlue] = [other[0] - red, other[1] - green, other[2] - blue];
  return (x, y) => {
    const share = strength * ((x - SIDE / 2) * cos + (y - SIDE / 2) * sin + 0.5);
    return [red + share * toRed, green + share * toGreen, blue + share * toBlue];
  };
}

/** Draws colours until one stands out from `ground`. */
function contrasting(ground: Colour, draw: () => Colour): Colour {
  for (;;) {
    const colour = draw();
    if (Math.hypot(...colour.map((value, channel) => value - ground[channel]!)) > MINIMUM_CONTRAST) return colour;
  }
}

/** Adds noise of up to `NOISE` either way and rounds to bytes; a draw serves four. */
function withNoise(canvas: Float32Array, { uint32 }: Stream): Uint8Array {
  const bytes = new Uint8Array(canvas.length);
  let word = 0;
  for (let at = 0; at < canvas.length; at++) {
    word = at % 4 === 0 ? uint32() : word >>> 8;
    bytes[at] = Math.round(Math.min(255, Math.max(0, canvas[at]! + NOISE * ((word & 0xff) / 127.5 - 1))));
  }
  return bytes;
}

const modulo = (x: number, period: number) => x - period * Math.floor(x / period);
