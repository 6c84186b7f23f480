/**
 * Measures how alike two pictures of 32 x 32 pixels are, so that copies agree however they were compressed, resized or
 * brightened: by the correlation of their colours and of their details. Neither depends on brightness and contrast.
 *
 * @module
 */
import { SIDE } from "./perceptual_hash.ts";

const CHANNELS = 3;
const ROW = SIDE * CHANNELS;
const LENGTH = SIDE * ROW;

/** Mirrors a picture, uint8 [32, 32, 3], left to right. */
export function mirrorImage(pixels: Uint8Array): Uint8Array {
  const mirrored = new Uint8Array(LENGTH);
  for (let at = 0; at < LENGTH; at += CHANNELS) {
    const row = at - at % ROW;
    mirrored.set(pixels.subarray(at, at + CHANNELS), row + ROW - CHANNELS - (at - row));
  }
  return mirrored;
}

/** Correlates colours, each about the mean of its channel; 0 if a picture has one colour. */
export function colourCorrelation(a: Uint8Array, b: Uint8Array): number {
  let covariance = 0, varianceA = 0, varianceB = 0;
  for (let channel = 0; channel < CHANNELS; channel++) {
    let sumA = 0, sumB = 0, products = 0, squaresA = 0, squaresB = 0;
    for (let at = channel; at < LENGTH; at += CHANNELS) {
      const x = a[at]!, y = b[at]!;
      sumA += x;
      sumB += y;
      products += x * y;
      squaresA += x * x;
      squaresB += y * y;
    }
    const pixels = SIDE * SIDE;
    covariance += products - sumA * sumB / pixels;
    varianceA += squaresA - sumA * sumA / pixels;
    varianceB += squaresB - sumB * sumB / pixels;
  }
  return correlation(covariance, varianceA, varianceB);
}

/** Correlates details: four times a pixel less its four neighbours. */
export function detailCorrelation(a: Uint8Array, b: Uint8Array): number {
  let products = 0, squaresA = 0, squaresB = 0;
  for (let begin = ROW + CHANNELS; begin < LENGTH - ROW; begin += ROW) {
    for (let at = begin; at < begin + ROW - 2 * CHANNELS; at++) {
      const x = laplacian(a, at), y = laplacian(b, at);
      products += x * y;
      squaresA += x * x;
      squaresB += y * y;
    }
  }
  return correlation(products, squaresA, squaresB);
}

const laplacian = (pixels: Uint8Array, at: number): number =>
  4 * pixels[at]! - pixels[at - CHANNELS]! - pixels[at + CHANNELS]! - pixels[at - ROW]! - pixels[at + ROW]!;

const correlation = (covariance: number, varianceA: number, varianceB: number): number =>
  varianceA > 0 && varianceB > 0 ? covariance / Math.sqrt(varianceA * varianceB) : 0;

/** Greatest standard deviation, of 0 to 255, of a picture on which nothing is to be seen. */
const BLANK = 2;

/** Tells if a picture, uint8 [32, 32, 3], has one colour but for faint noise. */
export function isBlank(pixels: Uint8Array): boolean {
  for (let channel = 0; channel < CHANNELS; channel++) {
    let sum = 0, squares = 0;
    for (let at = channel; at < LENGTH; at += CHANNELS) {
      sum += pixels[at]!;
      squares += pixels[at]! ** 2;
    }
    const mean = sum / (SIDE * SIDE);
    if (squares / (SIDE * SIDE) - mean * mean > BLANK ** 2) return false;
  }
  return true;
}
