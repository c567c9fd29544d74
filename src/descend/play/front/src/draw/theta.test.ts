import { describe, expect, test } from "vitest";
import { nodeOffsets, weightIndex, weightOffsets, weightRows } from "./theta";

describe("where weights stand in theta", () => {
  const shape = { sizes: [2, 3, 1], bias: [1, 0] };

  test("the bias node has a row where its constant is not 0", () => {
    expect([weightRows(shape, 0), weightRows(shape, 1)]).toEqual([3, 3]);
    expect(weightOffsets(shape)).toEqual([0, 9, 12]);
  });

  test("W_0[2,1] is the bias node's weight into node 1, row after row", () => {
    expect(weightIndex(shape, 0, 2, 1)).toBe(7);
    expect(weightIndex(shape, 1, 2, 0)).toBe(11);
  });

  test("nodes of layers one after the other, without bias nodes", () => {
    expect(nodeOffsets(shape.sizes)).toEqual([0, 2, 5, 6]);
  });
});
