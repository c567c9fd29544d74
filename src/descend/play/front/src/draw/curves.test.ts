import { describe, expect, test } from "vitest";
import { binned, nearestIndex, ranks, thinned, valueRange } from "./curves";

test("thinned keeps the first and the last, in order, none twice", () => {
  const kept = thinned(1000, 300);
  expect([kept[0], kept[299], kept.length]).toEqual([0, 999, 300]);
  expect(new Set(kept).size).toBe(300);
  expect(thinned(3, 300)).toEqual([0, 1, 2]);
});

describe("the range of curves", () => {
  test("leaves out what cannot be drawn", () => {
    const [least, most] = valueRange([[NaN, 2, Infinity], [4]], false)!;
    expect(least).toBeLessThan(2);
    expect(most).toBeGreaterThan(4);
    expect(most).toBeLessThan(5);
  });

  test("a loss of 0 is left out of a logarithmic scale, and a linear one does not go below it", () => {
    expect(valueRange([[0, 0.1, 10]], true)![0]).toBeGreaterThan(0.05);
    expect(valueRange([[0, 0.1, 10]], false)![0]).toBe(0);
  });

  test("of one value has a width; of none there is none", () => {
    const [least, most] = valueRange([[3, 3]], false)!;
    expect(most).toBeGreaterThan(least);
    expect(valueRange([[NaN]], false)).toBeNull();
  });
});

describe("bins", () => {
  test("hold each finite restart once", () => {
    const losses = [0.1, 0.2, NaN, 0.9, 0.11, Infinity];
    const bins = binned(losses, false);
    expect(bins.flatMap((bin) => bin.restarts).sort()).toEqual([0, 1, 3, 4]);
    for (const { from, to, restarts } of bins)
      for (const r of restarts) {
        expect(losses[r]).toBeGreaterThanOrEqual(from - 1e-12);
        expect(losses[r]).toBeLessThanOrEqual(to + 1e-12);
      }
  });

  test("are of equal ratio on a logarithmic scale", () => {
    const bins = binned([0.001, 0.01, 0.1, 1], true);
    expect(bins[1].to / bins[1].from).toBeCloseTo(bins[0].to / bins[0].from, 9);
  });

  test("equal losses are one bin", () => {
    expect(binned([0.5, 0.5], false)).toHaveLength(1);
    expect(binned([], false)).toEqual([]);
  });
});

test("ranks", () => {
  expect(ranks([0.3, NaN, 0.1, 0.3])).toEqual([2, 0, 1, 3]);
});

test("the nearest epoch", () => {
  const epochs = [1, 2, 5, 9];
  expect([0, 1.4, 3.4, 3.6, 100].map((x) => nearestIndex(epochs, x))).toEqual([0, 0, 1, 2, 3]);
});
