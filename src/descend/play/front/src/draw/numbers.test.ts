import { describe, expect, test } from "vitest";
import figures from "./figures.json";
import { full, short } from "./numbers";

describe("full", () => {
  test.each(figures as [number, string][])("%d is written as Python writes it", (x, text) => {
    expect(full(x)).toBe(text);
  });

  test("what is not finite", () => {
    expect([NaN, Infinity, -Infinity].map(full)).toEqual(["nan", "inf", "−inf"]);
  });
});

describe("short", () => {
  test.each([
    [0, "0"],
    [1 / 3, "0.3333"],
    [-0.05, "−0.05"],
    [1234.56, "1235"],
    [-123456.7, "−123457"],
    [1234567.8, "1235000"],
    [0.9999999, "1"],
    [1.23456e-7, "1.235e−07"],
    [NaN, "nan"],
  ])("%d", (x, text) => {
    expect(short(x)).toBe(text);
  });
});
