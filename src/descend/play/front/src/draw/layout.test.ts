import { describe, expect, test } from "vitest";
import { existsIn, pickedAt } from "./hit";
import { MOST_EDGES, blockColumns, drawnEdges, layoutNetwork, type Box, type Layout } from "./layout";
import { weightRows } from "./theta";
import { textWidth } from "./words";

const hidden8 = [2, 8, 8, 8, 8, 8, 8, 8, 8, 1];
const wide8 = [12, 16, 16, 16, 16, 16, 16, 16, 16, 3];
const names = (n: number) => Array.from({ length: n }, (_, i) => `a_column_with_a_name ${i}`);

function laid(sizes: number[], width: number, height: number, scale: number, squares: boolean): Layout {
  const bias = sizes.slice(1).map(() => 1);
  return layoutNetwork({
    sizes,
    bias,
    width,
    height,
    scale,
    squares,
    inputs: names(sizes[0]),
    outputs: names(sizes[sizes.length - 1]),
  });
}

/** All that is drawn: nodes, bias nodes, blocks, pictures of W. */
function boxes(layout: Layout): Box[] {
  const { width, height } = layout.node;
  const around = (x: number, y: number, w: number, h: number) => ({
    x: x - w / 2,
    y: y - h / 2,
    width: w,
    height: h,
  });
  const columns = layout.columns.flatMap(({ nodes, block }) => [
    ...nodes.map(({ x, y, bias }) => (bias ? around(x, y, layout.bias, layout.bias) : around(x, y, width, height))),
    ...(block ? [block] : []),
  ]);
  return [...columns, ...layout.weights.flatMap(({ block }) => (block ? [block] : []))];
}

const overlap = (a: Box, b: Box) =>
  a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;

const NETWORKS = [[2, 4, 1], [12, 64, 64, 3], [784, 128, 10], hidden8, wide8, [1, 1], [30, 1000, 1]];
const PLACES: [number, number, number][] = [
  [535, 500, 1],
  [800, 780, 1],
  [535, 190, 1],
  [700, 520, 1.4],
];

describe.each(NETWORKS.map((sizes) => [sizes.join("-"), sizes] as const))("a network of %s", (_, sizes) => {
  test.each(PLACES)("in %d × %d at scale %d: nothing overlaps, nothing is cut", (width, height, scale) => {
    for (const squares of [false, true]) {
      const layout = laid([...sizes], width, height, scale, squares);
      const all = boxes(layout);
      const pairs = all.flatMap((one, i) => all.slice(i + 1).map((other) => [one, other] as const));
      expect(pairs.filter(([one, other]) => overlap(one, other))).toEqual([]);
      const [left, right] = [layout.names[0], width - layout.names[1]];
      expect(
        all.filter((box) => box.x < left || box.x + box.width > right || box.y < 0 || box.y + box.height > height + 1),
      ).toEqual([]);
    }
  });
});

test("numbers are written only where they fit into the node", () => {
  const roomy = laid([2, 4, 1], 800, 500, 1, false);
  expect(roomy.node.written).toBe(true);
  expect(textWidth("−0.952", roomy.font)).toBeLessThan(roomy.node.width);
  expect(laid(wide8, 535, 500, 1, false).node.written).toBe(false);
});

describe("which weights are drawn one by one", () => {
  const drawn = (sizes: number[]) =>
    drawnEdges(
      { sizes, bias: sizes.slice(1).map(() => 1) },
      sizes.map((n) => n <= 16),
    );

  test("none into or out of a large layer", () => {
    expect(drawn([12, 64, 3])).toEqual([false, false]);
  });

  test("few enough, and not fewer than need be", () => {
    const edges = (l: number) => (wide8[l] + 1) * wide8[l + 1];
    const answer = drawn(wide8);
    const sum = (wanted: boolean) => answer.reduce((all, one, l) => all + (one === wanted ? edges(l) : 0), 0);
    expect(sum(true)).toBeLessThanOrEqual(MOST_EDGES);
    expect(sum(true) + 17 * 16).toBeGreaterThan(MOST_EDGES);
  });
});

test("a layer that is a picture is drawn as one", () => {
  expect(blockColumns(784)).toBe(28);
  expect(blockColumns(64)).toBe(4);
});

describe("what the pointer points at", () => {
  const shape = { sizes: [2, 4, 1], bias: [1, 1] };
  const layout = laid(shape.sizes, 600, 500, 1, false);
  const [inputs, hidden] = layout.columns;

  test("a node at its middle", () => {
    expect(pickedAt(layout, shape, hidden.nodes[2].x, hidden.nodes[2].y)).toEqual({
      what: "node",
      layer: 1,
      from: 0,
      to: 2,
    });
  });

  test("the edge near by, also the bias node's", () => {
    const between = (a: { x: number; y: number }, b: { x: number; y: number }) =>
      [a.x + 0.4 * (b.x - a.x), a.y + 0.4 * (b.y - a.y) + 1] as const;
    expect(pickedAt(layout, shape, ...between(inputs.nodes[2], hidden.nodes[3]))).toEqual({
      what: "edge",
      layer: 0,
      from: 2,
      to: 3,
    });
  });

  test("nothing above all", () => {
    expect(pickedAt(layout, shape, (inputs.x + hidden.x) / 2, 2)).toBeNull();
  });

  test("cells of a block are nodes, pixels of W are edges, and all of them exist", () => {
    const large = { sizes: [784, 128, 10], bias: [1, 1] };
    const drawn = laid(large.sizes, 600, 500, 1, false);
    const block = drawn.columns[0].block!;
    const cell = block.width / 28;
    expect(pickedAt(drawn, large, block.x + 3.5 * cell, block.y + 2.5 * cell)).toEqual({
      what: "node",
      layer: 0,
      from: 0,
      to: 59,
    });
    const W = drawn.weights[0].block!;
    const last = pickedAt(drawn, large, W.x + W.width - 0.01, W.y + W.height - 0.01)!;
    expect(last).toEqual({ what: "edge", layer: 0, from: weightRows(large, 0) - 1, to: 127 });
    expect(existsIn(large, last)).toBe(true);
    expect(existsIn(large, { ...last, to: 128 })).toBe(false);
  });
});
