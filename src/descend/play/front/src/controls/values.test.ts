import { describe, expect, test } from "vitest";
import { numberOf, sliderScale, stepped } from "./values";

test.each([
  ["0.05", 0.05],
  [" 1e-3 ", 0.001],
  ["−2", -2],
  ["0,5", 0.5],
  ["", NaN],
  ["many", NaN],
])("%j is typed for %d", (text, number) => expect(numberOf(text)).toBe(number));

describe("stepped", () => {
  const positive = { least: 0, most: 10, whole: false };
  test.each([
    [0.05, true, 0.1],
    [0.05, false, 0.02],
    [0.03, true, 0.05],
    [1, true, 2],
    [1, false, 0.5],
    [0.2, false, 0.1],
    [10, true, 10],
    [0, false, 0],
    [0, true, 0.0001],
  ])("from %d, up: %s", (value, up, next) => expect(stepped(value, up, "ladder", positive)).toBe(next));

  test("whole numbers stay whole and in their bounds", () => {
    const whole = { least: 1, most: 256, whole: true };
    expect(stepped(1, false, "ladder", whole)).toBe(1);
    expect(stepped(2, true, "ladder", whole)).toBe(5);
    expect(stepped(200, true, "ladder", whole)).toBe(256);
    expect(stepped(7, true, "ones", whole)).toBe(8);
  });
});

describe("sliderScale", () => {
  test("from end to end", () => {
    const noise = sliderScale({ least: 0, most: 1, whole: false });
    expect([noise.valueAt(0), noise.valueAt(250), noise.valueAt(1000)]).toEqual([0, 0.25, 1]);
    const samples = sliderScale({ least: 20, most: 5000, whole: true });
    expect([samples.valueAt(0), samples.valueAt(1000)]).toEqual([20, 5000]);
    expect(samples.valueAt(samples.at(400))).toBe(400);
  });
});
