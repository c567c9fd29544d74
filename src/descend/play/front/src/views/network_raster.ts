import { Ramp, type Look } from "../draw/colours";
import type { Box, ColumnPlace, Layout } from "../draw/layout";
import type { Lit } from "../draw/lit";
import { nodeValue, type NetworkValues } from "../draw/network_values";
import { newPixels, paintRamp, paintWeights, type Pixels } from "../draw/raster";
import type { NetworkShape } from "../draw/theta";
import { weightRows } from "../draw/theta";

const PALE = { nodes: 0.45, edges: 0.18 };

/** A small canvas that holds pixels until they are drawn larger. */
function held(pixels: Pixels): HTMLCanvasElement {
  const canvas = document.createElement("canvas");
  canvas.width = pixels.width;
  canvas.height = pixels.height;
  canvas.getContext("2d")?.putImageData(new ImageData(pixels.data, pixels.width, pixels.height), 0, 0);
  return canvas;
}

/** Pictures in a network: heat maps of nodes, values of large layers, |W| between them. */
export function paintRaster(
  context: CanvasRenderingContext2D,
  layout: Layout,
  shape: NetworkShape,
  values: NetworkValues,
  look: Look,
  ramp: Ramp,
  lit?: Lit,
): void {
  const strength = (what: "nodes" | "edges", layer: number) => (lit && !lit[what].includes(layer) ? PALE[what] : 1);
  for (const column of layout.columns) {
    context.globalAlpha = strength("nodes", column.layer);
    if (column.block) paintBlock(context, column.block, column.layer, shape.sizes[column.layer], values, look, ramp);
    else if (values.maps) paintMaps(context, layout, column, values, ramp);
  }
  for (const { block, layer } of layout.weights) {
    if (block === null) continue;
    context.globalAlpha = strength("edges", layer);
    if (values.edges === null) {
      paintMean(context, block, layer, values, ramp);
      continue;
    }
    const pixels = paintWeights(
      values.edges,
      values.edgeStarts[layer],
      weightRows(shape, layer),
      shape.sizes[layer + 1],
      values.edgeMost,
      ramp,
    );
    drawn(context, held(pixels), block, false);
    outlined(context, block, look.line);
  }
}

function paintMaps(
  context: CanvasRenderingContext2D,
  layout: Layout,
  { nodes, layer }: ColumnPlace,
  values: NetworkValues,
  ramp: Ramp,
): void {
  const { data, side, most } = values.maps!;
  const cells = side * side;
  const { width, height } = layout.node;
  const own = nodes.filter((node) => !node.bias);
  const strip = newPixels(side, side * own.length);
  paintRamp(strip, 0, data, values.nodeStarts[layer] * cells, own.length * cells, most[layer], ramp);
  const canvas = held(strip);
  own.forEach((node, i) =>
    context.drawImage(canvas, 0, i * side, side, side, node.x - width / 2, node.y - height / 2, width, height),
  );
}

function paintBlock(
  context: CanvasRenderingContext2D,
  block: Box & { columns: number; rows: number },
  layer: number,
  count: number,
  values: NetworkValues,
  look: Look,
  ramp: Ramp,
): void {
  const cell = block.width / block.columns;
  const gap = cell >= 5 ? 1 : 0;
  for (let i = 0; i < count; i++) {
    context.fillStyle = ramp.text(nodeValue(values, layer, i) / values.nodeMost[layer]);
    const [x, y] = [block.x + (i % block.columns) * cell, block.y + Math.floor(i / block.columns) * cell];
    context.fillRect(x, y, cell - gap, cell - gap);
  }
  outlined(context, block, look.line);
}

/** Where there are too many weights to have each: the size that they have on average, as one colour. */
function paintMean(
  context: CanvasRenderingContext2D,
  block: Box,
  layer: number,
  { mean }: NetworkValues,
  ramp: Ramp,
): void {
  if (mean === null) return;
  context.fillStyle = ramp.text(mean[2 * layer] / mean[2 * layer + 1]);
  context.fillRect(block.x, block.y, block.width, block.height);
}

function drawn(context: CanvasRenderingContext2D, canvas: HTMLCanvasElement, box: Box, smooth: boolean): void {
  context.imageSmoothingEnabled = smooth;
  context.drawImage(canvas, box.x, box.y, box.width, box.height);
  context.imageSmoothingEnabled = true;
}

function outlined(context: CanvasRenderingContext2D, box: Box, colour: string): void {
  context.strokeStyle = colour;
  context.lineWidth = 1;
  context.strokeRect(box.x - 0.5, box.y - 0.5, box.width + 1, box.height + 1);
}
