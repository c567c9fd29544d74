import type { Box, ColumnPlace, Layout } from "./layout";
import type { NetworkShape } from "./theta";
import { weightRows } from "./theta";

/** A node (`to` of `layer`, 0 … d) or the edge of W_layer from `from` to `to`; the bias node is from = n_layer. */
export interface Picked {
  what: "node" | "edge";
  layer: number;
  from: number;
  to: number;
}

export function samePicked(a: Picked | null, b: Picked | null): boolean {
  return (
    a === b ||
    (a !== null && b !== null && a.what === b.what && a.layer === b.layer && a.from === b.from && a.to === b.to)
  );
}

/** Whether the network has what is picked. */
export function existsIn(shape: NetworkShape, { what, layer, from, to }: Picked): boolean {
  if (what === "node") return layer < shape.sizes.length && to < shape.sizes[layer];
  return layer + 1 < shape.sizes.length && from < weightRows(shape, layer) && to < shape.sizes[layer + 1];
}

const NEAR = 7;

function inside(box: Box, x: number, y: number): boolean {
  return x >= box.x && x < box.x + box.width && y >= box.y && y < box.y + box.height;
}

/** Distance of a point from the line between two others. */
export function distanceToLine(x: number, y: number, x1: number, y1: number, x2: number, y2: number): number {
  const [dx, dy] = [x2 - x1, y2 - y1];
  const share = Math.max(0, Math.min(1, ((x - x1) * dx + (y - y1) * dy) / (dx * dx + dy * dy || 1)));
  return Math.hypot(x - x1 - share * dx, y - y1 - share * dy);
}

function nodeAt(layout: Layout, shape: NetworkShape, column: ColumnPlace, x: number, y: number): Picked | null {
  const { layer, block } = column;
  if (block !== null) {
    if (!inside(block, x, y)) return null;
    const cell = block.width / block.columns;
    const to = Math.floor((y - block.y) / cell) * block.columns + Math.floor((x - block.x) / cell);
    return to < shape.sizes[layer] ? { what: "node", layer, from: 0, to } : null;
  }
  const { width, height } = layout.node;
  const node = column.nodes.find(
    (one) => !one.bias && Math.abs(one.x - x) <= width / 2 && Math.abs(one.y - y) <= height / 2,
  );
  return node ? { what: "node", layer, from: 0, to: node.index } : null;
}

function edgeAt(layout: Layout, shape: NetworkShape, layer: number, x: number, y: number): Picked | null {
  const { block } = layout.weights[layer];
  if (block !== null) {
    if (!inside(block, x, y)) return null;
    const from = Math.floor(((y - block.y) / block.height) * weightRows(shape, layer));
    const to = Math.floor(((x - block.x) / block.width) * shape.sizes[layer + 1]);
    return { what: "edge", layer, from, to };
  }
  let [best, least]: [Picked | null, number] = [null, NEAR];
  for (const a of layout.columns[layer].nodes)
    for (const b of layout.columns[layer + 1].nodes) {
      if (b.bias) continue;
      const distance = distanceToLine(x, y, a.x, a.y, b.x, b.y);
      if (distance < least) [best, least] = [{ what: "edge", layer, from: a.index, to: b.index }, distance];
    }
  return best;
}

/** What the pointer points at: a node, else the nearest edge, else nothing. */
export function pickedAt(layout: Layout, shape: NetworkShape, x: number, y: number): Picked | null {
  for (const column of layout.columns) {
    const node = nodeAt(layout, shape, column, x, y);
    if (node !== null) return node;
  }
  for (let l = 0; l < layout.weights.length; l++)
    if (x > layout.columns[l].x && x < layout.columns[l + 1].x) return edgeAt(layout, shape, l, x, y);
  return null;
}
