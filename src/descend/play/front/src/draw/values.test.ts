import { describe, expect, test } from "vitest";
import type { Arrays } from "../protocol/frames";
import type { Experiment } from "../protocol/messages";
import { BACKWARD, FORWARD, edgeWidth, networkValues, nodeValue, quantity } from "./network_values";
import { edgeProduct, pickedNumbers } from "./picked_numbers";
import { nearestPoint, pointOfRow, trainingRow } from "./points";
import { commonExtent, confusionOf, percent } from "./table";
import { litBy } from "./lit";
import { columnName } from "./naming";
import { cellText, fitted, textWidth, tight, withMinus } from "./words";
import { frameOf } from "./axes";

const shape = { sizes: [2, 2, 1], bias: [0.5, 1] };
const array = (...data: number[]) => ({ shape: [data.length], data: Float64Array.from(data) });
const arrays: Arrays = {
  v: array(1, 2, 3, 4, 5),
  s: array(NaN, NaN, 13, 14, 15),
  delta: array(NaN, NaN, 0.3, 0.4, -0.5),
  dL_dv: array(21, 22, 23, 24, 25),
  theta: array(100, 101, 102, 103, 104, 105, 106, 107, -208),
  dL_dW: array(0, 1, 2, 3, 4, 5, 6, 7, 8),
};

describe("numbers of what is picked", () => {
  test("a node", () => {
    expect(pickedNumbers(shape, arrays, { what: "node", layer: 1, from: 0, to: 1 })).toEqual([
      ["v_1[1]", 4],
      ["s_1[1]", 14],
      ["δ_1[1]", 0.4],
      ["∂L/∂v_1[1]", 24],
    ]);
  });

  test("an input has neither s nor δ", () => {
    expect(pickedNumbers(shape, arrays, { what: "node", layer: 0, from: 0, to: 1 })).toEqual([
      ["v_0[1]", 2],
      ["∂L/∂v_0[1]", 22],
    ]);
  });

  test("an edge of the bias node, and its product v·δ", () => {
    const edge = { what: "edge" as const, layer: 0, from: 2, to: 1 };
    expect(pickedNumbers(shape, arrays, edge)).toEqual([
      ["W_0[2,1]", 105],
      ["∂L/∂W_0[2,1]", 5],
    ]);
    expect(edgeProduct(shape, arrays, edge)).toEqual([0.5, 0.4]);
  });

  test("are asked for where the picture does not hold them", () => {
    expect(pickedNumbers(shape, { v: arrays.v }, { what: "edge", layer: 0, from: 0, to: 0 })).toBeNull();
    expect(pickedNumbers(shape, {}, { what: "node", layer: 0, from: 0, to: 0 })).toBeNull();
    expect(edgeProduct(shape, {}, { what: "edge", layer: 0, from: 0, to: 0 })).toBeNull();
  });
});

describe("what colours a network", () => {
  const experiment = { ...shape } as Experiment;

  test("forward: v by layer, w by the strongest of all", () => {
    const values = networkValues(experiment, arrays, FORWARD);
    expect(values.nodeMost).toEqual([2, 4, 5]);
    expect(values.edgeMost).toBe(208);
    expect(nodeValue(values, 1, 0)).toBe(3);
  });

  test("backward: δ by the largest of all layers, so that a vanishing gradient is seen", () => {
    const { nodeMost, nodes } = networkValues(experiment, arrays, BACKWARD);
    expect(nodeMost.slice(1)).toEqual([0.5, 0.5]);
    expect([...nodes!].slice(2)).toEqual([0.3, 0.4, -0.5]);
  });

  test("backward: inputs have no δ and show ∂L/∂v, by their own largest", () => {
    const values = networkValues(experiment, arrays, BACKWARD);
    expect([nodeValue(values, 0, 0), nodeValue(values, 0, 1), values.nodeMost[0]]).toEqual([21, 22, 22]);
    expect([0, 1].map((layer) => quantity(BACKWARD, layer))).toEqual(["∂L/∂v", "δ"]);
    expect(quantity(FORWARD, 0)).toBe("v");
  });

  test("∂L/∂W_1 = v_1 δ_2ᵀ: v below, δ above", () => {
    const values = networkValues(experiment, arrays, { deltaFrom: 2, gradients: true, maps: false });
    expect([...values.nodes!]).toEqual([1, 2, 3, 4, -0.5]);
    expect(values.nodeMost).toEqual([2, 4, 0.5]);
    expect(values.edgeMost).toBe(8);
  });

  test("nothing of another network's picture is used", () => {
    const values = networkValues({ ...experiment, sizes: [2, 3, 1] } as Experiment, arrays, FORWARD);
    expect([values.nodes, values.edges]).toEqual([null, null]);
    expect(nodeValue(values, 0, 0)).toBeNaN();
  });

  test("an edge is as wide as its weight is large", () => {
    expect([0, -1, 1, NaN].map((share) => edgeWidth(share, 5))).toEqual([0.5, 5, 5, 0.5]);
  });
});

describe("points", () => {
  const points = {
    count: 4,
    width: 3,
    data: Float32Array.from([0, 0, 0, 1, 0, 1, 0, 1, 0, 1, 1, 1]),
    part: Uint8Array.from([0, 2, 0, 0]),
  };

  test("a training row's number counts training rows alone, both ways", () => {
    expect([0, 1, 2, 3].map((i) => trainingRow(points, i))).toEqual([0, -1, 1, 2]);
    expect([0, 1, 2, 3].map((row) => pointOfRow(points, row))).toEqual([0, 2, 3, -1]);
  });

  test("the nearest within reach", () => {
    const same = (x: number) => 10 * x;
    expect(nearestPoint(points, same, same, [9, 1], 5)).toBe(1);
    expect(nearestPoint(points, same, same, [30, 30], 5)).toBe(-1);
  });
});

describe("tables", () => {
  test("a cell's share is that of its true class", () => {
    const confusion = confusionOf([8, 2, 0, 0], 2);
    expect([confusion.share(0, 1), confusion.share(1, 0), confusion.right, confusion.rows]).toEqual([0.2, 0, 8, 10]);
  });

  test.each([
    [0, "0 %"],
    [0.001, "<1 %"],
    [0.254, "25 %"],
    [0.999, ">99 %"],
    [1, "100 %"],
  ])("%d is %s", (share, text) => {
    expect(percent(share)).toBe(text);
  });

  test("true and predicted have one scale", () => {
    const [x0, x1, y0, y1] = commonExtent([1, 2], [0, NaN]);
    expect([x0, x1]).toEqual([y0, y1]);
    expect(x0).toBeLessThan(0);
    expect(x1).toBeGreaterThan(2);
  });
});

describe("what a step of a round lights", () => {
  test.each([
    ["forward", 2, [1, 2], [1], Infinity],
    ["delta", 1, [1, 2], [1], 1],
    ["delta", 3, [3], [], 3],
    ["gradient", 0, [0, 1], [0], 1],
    ["update", 2, [], [2], Infinity],
    ["after", 3, [0, 1, 2, 3], [0, 1, 2], Infinity],
  ])("%s of layer %d", (part, layer, nodes, edges, deltaFrom) => {
    const lit = litBy({ part, layer }, 3);
    expect([lit.nodes, lit.edges, lit.shown.deltaFrom]).toEqual([nodes, edges, deltaFrom]);
    expect(lit.shown.gradients).toBe(part === "gradient");
  });
});

describe("words in narrow places", () => {
  test("are cut so that they fit", () => {
    expect(fitted("bill_length_mm", 200, 11)).toBe("bill_length_mm");
    const cut = fitted("bill_length_mm", 60, 11);
    expect(cut).toMatch(/^bill.*…$/);
    expect(textWidth(cut, 11)).toBeLessThanOrEqual(60);
    expect(fitted("bill_length_mm", 10, 11)).toBe("");
  });

  test.each([
    [0.123456, "0.123"],
    [-1.2345e-9, "−1e−09"],
    [1234.5, "1235"],
    [-0.0312, "−0.031"],
    [-0.00044, "−4e−04"],
    [-1234567, "−1e+06"],
    [NaN, "nan"],
  ])("%d", (x, text) => {
    expect(tight(x)).toBe(text);
  });
});

test("a square frame stays within its place, y upwards", () => {
  const frame = frameOf(400, 300, 11, [-1, 1, -2, 2], true);
  expect(frame.inside.width).toBe(frame.inside.height);
  expect(frame.y(2)).toBe(frame.inside.y);
  expect(frame.inside.y + frame.inside.height).toBeLessThan(300);
});

test("Python's words get the minus sign of the page, but only before numbers", () => {
  expect(withMinus("-0.5 ± 0.1 (-2e-05), 2020-01-05, A-4, −1")).toBe("−0.5 ± 0.1 (−2e−05), 2020-01-05, A-4, −1");
  expect(["-3", "1e-05", "2020-01-05", "-", "-a"].map(cellText)).toEqual(["−3", "1e−05", "2020-01-05", "-", "-a"]);
});

test("columns of made rows have their index low, those of tables keep their names", () => {
  expect(columnName({ kind: "plane" } as Experiment, "x_2")).toBe("x₂");
  expect(columnName({ kind: "plane" } as Experiment, "P(B)")).toBe("P(B)");
  expect(columnName({ kind: "table" } as Experiment, "x_2")).toBe("x_2");
});

test("the name of an axis stands left of its widest tick", () => {
  const frame = frameOf(300, 200, 11, [0, 1, -20000, 20000], true);
  const widest = Math.max(...frame.yTicks.map(({ text }) => textWidth(text, 11)));
  expect(frame.nameX).toBeLessThan(frame.inside.x - 6 - widest);
});
