import { expect, test } from "vitest";
import { LIGHT, Ramp, mixed, parseColour } from "./colours";
import { paintSurface, paintWeights } from "./raster";

const pixel = (data: Uint8ClampedArray, i: number) => [...data.slice(4 * i, 4 * i + 3)];
/** Whether a pixel is nearest to a pale version of class c's colour. */
const like = (data: Uint8ClampedArray, i: number, c: number) => {
  const distance = (colour: string) =>
    Math.hypot(...mixed([255, 255, 255], parseColour(colour), 0.6).map((part, k) => part - pixel(data, i)[k]));
  return LIGHT.classes.every((other) => distance(LIGHT.classes[c]) <= distance(other));
};

test("a large W keeps its strongest weight, of either sign", () => {
  const W = new Float64Array(4 * 4).fill(0.01);
  W[4 * 3 + 2] = -1;
  const { width, height, data } = paintWeights(W, 0, 4, 4, 1, new Ramp(LIGHT), 2);
  expect([width, height]).toEqual([2, 2]);
  expect(pixel(data, 3)).toEqual(parseColour(LIGHT.negative));
});

test("two classes with one output: below the middle the first one's colour", () => {
  const { data } = paintSurface([0.02, 0.98], 1, 1, 2, { classes: true, middle: 0.5, reach: 0.5 }, LIGHT);
  expect([like(data, 0, 0), like(data, 1, 1)]).toEqual([true, true]);
});

test("several outputs: the likeliest one's colour, paler where it is less sure", () => {
  const surface = [0.9, 0.34, 0.05, 0.33, 0.05, 0.33];
  const { data } = paintSurface(surface, 3, 1, 2, { classes: true, middle: 0.5, reach: 0.5 }, LIGHT);
  expect(like(data, 0, 0)).toBe(true);
  const brightness = (i: number) => pixel(data, i).reduce((a, b) => a + b);
  expect(brightness(1)).toBeGreaterThan(brightness(0));
});

test("numbers: by sign", () => {
  const { data } = paintSurface([-2, 2], 1, 1, 2, { classes: false, middle: 0, reach: 2 }, LIGHT);
  expect([pixel(data, 0), pixel(data, 1)]).toEqual([parseColour(LIGHT.negative), parseColour(LIGHT.positive)]);
});
