import type { NetworkShape } from "./theta";
import { weightRows } from "./theta";
import { textWidth } from "./words";

export const MOST_NODES = 16;
export const MOST_EDGES = 2000;

export interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** A node drawn by itself; x, y is its middle. The bias node's index is n_layer. */
export interface NodePlace {
  layer: number;
  index: number;
  bias: boolean;
  x: number;
  y: number;
}

/** A layer: its nodes one by one, or a block of cells, one a node, row after row, and the bias node below. */
export interface ColumnPlace {
  layer: number;
  x: number;
  nodes: NodePlace[];
  block: (Box & { columns: number; rows: number }) | null;
}

/** Weights W_layer: edges one by one (`block` null), or a small picture, from downwards, to rightwards. */
export interface WeightsPlace {
  layer: number;
  block: Box | null;
}

export interface Layout {
  width: number;
  height: number;
  font: number;
  /** Between the middles of two columns. */
  spacing: number;
  node: { width: number; height: number; round: number; written: boolean };
  /** Side of a bias node's square. */
  bias: number;
  /** Width of the strongest edge: thin where they lie dense. */
  edge: number;
  /** Room for names left of the inputs and right of the outputs; 0: none are written. */
  names: [number, number];
  columns: ColumnPlace[];
  weights: WeightsPlace[];
}

export interface LayoutWish extends NetworkShape {
  width: number;
  height: number;
  scale: number;
  inputs: string[];
  outputs: string[];
  /** Whether nodes hold a picture (square) or a number (wider than high). */
  squares: boolean;
}

const TOP = 36; // headings
const FOOT = 18; // "64 nodes"
const LEAST_SLOT = 14;
const FEW_LAYERS = 4; // of that many names may take more room

/** Which W are drawn edge by edge: both layers node by node, and the largest ones left out until there are few enough. */
export function drawnEdges(shape: NetworkShape, single: boolean[]): boolean[] {
  const counts = single
    .slice(1)
    .map((_, l) => (single[l] && single[l + 1] ? weightRows(shape, l) * shape.sizes[l + 1] : 0));
  let sum = counts.reduce((all, n) => all + n, 0);
  while (sum > MOST_EDGES) {
    const worst = counts.indexOf(Math.max(...counts));
    sum -= counts[worst];
    counts[worst] = 0;
  }
  return counts.map((n) => n > 0);
}

/** Columns of a block's cells: square where the layer is one (pictures are inputs), else higher than wide. */
export function blockColumns(nodes: number): number {
  const side = Math.round(Math.sqrt(nodes));
  if (nodes >= 100 && side * side === nodes) return side;
  return Math.max(1, Math.round(Math.sqrt(nodes / 4)));
}

function blockPlace(nodes: number, x: number, room: Box): Box & { columns: number; rows: number } {
  const columns = blockColumns(nodes);
  const rows = Math.ceil(nodes / columns);
  const cell = Math.min(room.width / columns, room.height / rows, 14);
  const [width, height] = [cell * columns, cell * rows];
  return { columns, rows, width, height, x: x - width / 2, y: room.y + (room.height - height) / 2 };
}

function widest(names: string[], font: number): number {
  return names.reduce((most, name) => Math.max(most, textWidth(name, font)), 0);
}

/** Where each node, block and name of a network stands. */
export function layoutNetwork(wish: LayoutWish): Layout {
  const { sizes, width, scale } = wish;
  const font = 11 * scale;
  const room: Box = { x: 0, y: TOP * scale, width, height: Math.max(40, wish.height - (TOP + FOOT) * scale) };
  const most = Math.min(MOST_NODES, Math.max(2, Math.floor(room.height / (LEAST_SLOT * scale)) - 1));
  const single = sizes.map((n) => n <= most);
  const share = sizes.length > FEW_LAYERS ? 0.2 : 0.27;
  const names: [number, number] = [
    single[0] ? Math.min(widest(wish.inputs, font) + 8, share * width) : 0,
    single[sizes.length - 1] ? Math.min(widest(wish.outputs, font) + 8, 0.17 * width) : 0,
  ];
  const slots = Math.max(...sizes.map((n, l) => (single[l] ? n + (hasBias(wish, l) ? 1 : 0) : 1)));
  const slot = Math.min(room.height / slots, 76 * scale);
  const node = nodeSize(wish, slot, (width - names[0] - names[1]) / sizes.length);
  const margin = (first: boolean) => {
    const l = first ? 0 : sizes.length - 1;
    const half = single[l] ? node.width / 2 : Math.min(60 * scale, (width - names[0] - names[1]) / sizes.length / 2.6);
    return names[first ? 0 : 1] + half + 8 * scale;
  };
  const spacing = (width - margin(true) - margin(false)) / (sizes.length - 1);
  const columns = sizes.map((_, layer): ColumnPlace => {
    const x = margin(true) + layer * spacing;
    if (!single[layer]) {
      const space = { ...room, width: Math.min(spacing * 0.5, 120 * scale), height: room.height * 0.82 };
      const block = blockPlace(sizes[layer], x, space);
      return { layer, x, nodes: biasBelow(wish, layer, block), block };
    }
    return { layer, x, nodes: nodePlaces(wish, layer, x, slot, room), block: null };
  });
  const edges = drawnEdges(wish, single);
  const weights = edges.map((drawn, layer) => ({
    layer,
    block: drawn ? null : weightsBlock(columns, layer, node.width, room, 96 * scale),
  }));
  const edge = Math.max(1.25, Math.min(5, slot / 9)) * scale;
  return {
    width,
    height: wish.height,
    font,
    spacing,
    node,
    bias: Math.min(17 * scale, slot * 0.88),
    edge,
    names,
    columns,
    weights,
  };
}

function nodeSize(wish: LayoutWish, slot: number, share: number): Layout["node"] {
  const { scale, squares } = wish;
  const side = Math.max(8, Math.min(slot * 0.8, share * 0.5, 58 * scale));
  if (squares) return { width: side, height: side, round: 3, written: side >= 44 * scale };
  const wide = 48 * scale;
  const written = share >= wide * 1.3 && slot >= 19 * scale;
  const small = Math.min(side, 26 * scale);
  if (!written) return { width: small, height: small, round: small / 2, written };
  const height = Math.min(slot * 0.8, 24 * scale);
  return { width: wide, height, round: height / 2, written };
}

function hasBias(wish: LayoutWish, layer: number): boolean {
  return layer < wish.sizes.length - 1 && wish.bias[layer] !== 0;
}

/** The bias node of a block, below the number of its nodes. */
function biasBelow(wish: LayoutWish, layer: number, block: Box): NodePlace[] {
  if (!hasBias(wish, layer)) return [];
  const y = block.y + block.height + 32 * wish.scale;
  return [{ layer, index: wish.sizes[layer], bias: true, x: block.x + block.width / 2, y }];
}

function nodePlaces(wish: LayoutWish, layer: number, x: number, slot: number, room: Box): NodePlace[] {
  const count = wish.sizes[layer] + (hasBias(wish, layer) ? 1 : 0);
  const first = room.y + (room.height - count * slot) / 2 + slot / 2;
  return Array.from({ length: count }, (_, index) => ({
    layer,
    index,
    bias: index === wish.sizes[layer],
    x,
    y: first + index * slot,
  }));
}

function weightsBlock(columns: ColumnPlace[], layer: number, nodeWidth: number, room: Box, most: number): Box {
  const half = (column: ColumnPlace) => (column.block ? column.block.width : nodeWidth) / 2;
  const left = columns[layer].x + half(columns[layer]);
  const right = columns[layer + 1].x - half(columns[layer + 1]);
  const width = Math.max(4, Math.min((right - left) * 0.7, room.height * 0.5, most));
  const height = Math.max(width, Math.min(room.height * 0.5, 4 * width, most));
  return { x: (left + right) / 2 - width / 2, y: room.y + (room.height - height) / 2, width, height };
}
