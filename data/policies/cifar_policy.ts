/**
 * AutoAugment's policy for CIFAR-10 (Cubuk, Zoph, Mane, Vasudevan & Le 2019, table 7): pairs of operations, each with its
 * probability and its level of 0 to 9.
 *
 * @module
 */
import type { OperationName } from "./operations.ts";

interface PolicyStep {
  readonly name: OperationName;
  readonly probability: number;
  /** The magnitude of operations that have one; 0 otherwise. */
  readonly level: number;
}

const step = (name: OperationName, probability: number, level = 0): PolicyStep => ({ name, probability, level });

export const cifarPolicy: readonly (readonly [PolicyStep, PolicyStep])[] = [
  [step("invert", 0.1), step("contrast", 0.2, 6)],
  [step("rotate", 0.7, 2), step("translateX", 0.3, 9)],
  [step("sharpness", 0.8, 1), step("sharpness", 0.9, 3)],
  [step("shearY", 0.5, 8), step("translateY", 0.7, 9)],
  [step("autoContrast", 0.5), step("equalize", 0.9)],
  [step("shearY", 0.2, 7), step("posterize", 0.3, 7)],
  [step("color", 0.4, 3), step("brightness", 0.6, 7)],
  [step("sharpness", 0.3, 9), step("brightness", 0.7, 9)],
  [step("equalize", 0.6), step("equalize", 0.5)],
  [step("contrast", 0.6, 7), step("sharpness", 0.6, 5)],
  [step("color", 0.7, 7), step("translateX", 0.5, 8)],
  [step("equalize", 0.3), step("autoContrast", 0.4)],
  [step("translateY", 0.4, 3), step("sharpness", 0.2, 6)],
  [step("brightness", 0.9, 6), step("color", 0.2, 8)],
  [step("solarize", 0.5, 2), step("invert", 0)],
  [step("equalize", 0.2), step("autoContrast", 0.6)],
  [step("equalize", 0.2), step("equalize", 0.6)],
  [step("color", 0.9, 9), step("equalize", 0.6)],
  [step("autoContrast", 0.8), step("solarize", 0.2, 8)],
  [step("brightness", 0.1, 3), step("color", 0.7, 0)],
  [step("solarize", 0.4, 5), step("autoContrast", 0.9)],
  [step("translateY", 0.9, 9), step("translateY", 0.7, 9)],
  [step("autoContrast", 0.9), step("solarize", 0.8, 3)],
  [step("equalize", 0.8), step("invert", 0.1)],
  [step("translateY", 0.7, 9), step("autoContrast", 0.9)],
];
