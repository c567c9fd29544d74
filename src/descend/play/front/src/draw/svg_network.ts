import type { Arrays } from "../protocol/frames";
import type { Experiment } from "../protocol/messages";
import { Ramp, inkOn, type Look } from "./colours";
import { layoutNetwork, type ColumnPlace, type Layout, type NodePlace } from "./layout";
import { HEALTH, ownName } from "./naming";
import { FORWARD, edgeWidth, networkValues, nodeValue, type NetworkValues } from "./network_values";
import { short } from "./numbers";
import { newPixels, paintRamp, paintWeights } from "./raster";
import { image, label, tag, type ImageAddress } from "./svg";
import { weightRows } from "./theta";
import { countWords, fitted, tight } from "./words";

interface Drawing {
  layout: Layout;
  experiment: Experiment;
  values: NetworkValues;
  ramp: Ramp;
  look: Look;
  address: ImageAddress;
}

/** The network of a picture as SVG elements. */
export function networkSVG(
  experiment: Experiment,
  arrays: Arrays,
  width: number,
  height: number,
  look: Look,
  address: ImageAddress,
): string {
  const { sizes, bias, inputs, outputs } = experiment;
  const layout = layoutNetwork({
    sizes,
    bias,
    inputs,
    outputs,
    width,
    height,
    scale: look.scale,
    squares: experiment.kind === "plane",
  });
  const drawing = {
    layout,
    experiment,
    values: networkValues(experiment, arrays, FORWARD),
    ramp: new Ramp(look),
    look,
    address,
  };
  return (
    layout.weights.map(({ layer }) => weightsSVG(drawing, layer)).join("") +
    layout.columns.map((column) => columnSVG(drawing, column)).join("")
  );
}

function weightsSVG({ layout, experiment, values, ramp, look, address }: Drawing, layer: number): string {
  const { block } = layout.weights[layer];
  const [rows, wide] = [weightRows(experiment, layer), experiment.sizes[layer + 1]];
  const start = values.edgeStarts[layer];
  if (block !== null) {
    const frame = tag("rect", { ...block, fill: look.zero, stroke: look.line });
    return values.edges === null
      ? frame
      : frame + image(paintWeights(values.edges, start, rows, wide, values.edgeMost, ramp), block, address, false);
  }
  const half = layout.node.width / 2;
  const lines = layout.columns[layer].nodes.flatMap((a) =>
    layout.columns[layer + 1].nodes
      .filter((b) => !b.bias)
      .map((b) => {
        const share = values.edges ? values.edges[start + a.index * wide + b.index] / values.edgeMost : NaN;
        return tag("line", {
          x1: a.x + (a.bias ? layout.bias / 2 : half),
          y1: a.y,
          x2: b.x - half,
          y2: b.y,
          stroke: ramp.text(share),
          "stroke-width": edgeWidth(share, layout.edge),
        });
      }),
  );
  return lines.join("");
}

function columnSVG(drawing: Drawing, column: ColumnPlace): string {
  const { layout, experiment, look } = drawing;
  const { layer, x, block } = column;
  const depth = experiment.sizes.length - 1;
  const { font } = layout;
  const head = layer === 0 ? "inputs" : layer === depth ? "output" : `layer ${layer}`;
  const middle = { "font-size": font, "text-anchor": "middle", fill: look.muted };
  const fits = fitted(head, layout.spacing - 4, font) === head;
  const activation = layer === 0 ? "" : fitted(experiment.activations[layer - 1], layout.spacing - 4, font);
  const heading = label(fits ? head : String(layer), x, 1.1 * font, middle) + label(activation, x, 2.3 * font, middle);
  const nodes = column.nodes.map((node) => (node.bias ? biasSVG(drawing, node) : nodeSVG(drawing, node)));
  return heading + (block ? blockSVG(drawing, column) : "") + nodes.join("");
}

function nodeSVG(
  { layout, experiment, values, ramp, look, address }: Drawing,
  { layer, index, x, y }: NodePlace,
): string {
  const { width, height, written } = layout.node;
  const { font, names } = layout;
  const value = nodeValue(values, layer, index);
  const fill = ramp.text(value / values.nodeMost[layer]);
  const box = { x: x - width / 2, y: y - height / 2, width, height };
  const parts = [tag("rect", { ...box, rx: values.maps ? 0 : height / 2, fill, stroke: look.muted })];
  if (values.maps) parts.push(mapSVG(values, layer, index, box, ramp, address));
  else if (written && !Number.isNaN(value))
    parts.push(
      label(tight(value), x, y + 0.36 * font, { "font-size": font, "text-anchor": "middle", fill: inkOn(fill) }),
    );
  const hidden = layer > 0 && layer < experiment.sizes.length - 1;
  const health =
    hidden && values.health ? HEALTH[values.health[values.nodeStarts[layer] - experiment.sizes[0] + index]] : undefined;
  if (health?.mark)
    parts.push(
      label(health.mark, x + width / 2 + 1, y - height / 2 + 4, {
        "font-size": 1.25 * font,
        "font-weight": 700,
        fill: look.text,
      }),
    );
  const left = layer === 0;
  const name = fitted(ownName(experiment, layer, index), names[left ? 0 : 1] - 5, font);
  const at = left ? x - width / 2 - 5 : x + width / 2 + 5;
  if (name)
    parts.push(
      label(name, at, y + 0.36 * font, {
        "font-size": font,
        "text-anchor": left ? "end" : "start",
        fill: look.text,
      }),
    );
  return parts.join("");
}

function mapSVG(
  values: NetworkValues,
  layer: number,
  index: number,
  box: { x: number; y: number; width: number; height: number },
  ramp: Ramp,
  address: ImageAddress,
): string {
  const { data, side, most } = values.maps!;
  const pixels = newPixels(side, side);
  paintRamp(pixels, 0, data, (values.nodeStarts[layer] + index) * side * side, side * side, most[layer], ramp);
  return image(pixels, box, address);
}

function biasSVG({ layout, experiment, look }: Drawing, { layer, x, y }: NodePlace): string {
  const { font } = layout;
  const text = short(experiment.bias[layer], 2);
  const square = tag("rect", {
    x: x - layout.bias / 2,
    y: y - layout.bias / 2,
    width: layout.bias,
    height: layout.bias,
    fill: look.panel,
    stroke: look.muted,
    "stroke-dasharray": "2 2",
  });
  return (
    square +
    label(text.length > 3 ? "c" : text, x, y + 0.36 * font, {
      "font-size": font,
      "text-anchor": "middle",
      fill: look.muted,
    })
  );
}

function blockSVG({ layout, experiment, values, ramp, look, address }: Drawing, column: ColumnPlace): string {
  const { layer } = column;
  const block = column.block!;
  const count = experiment.sizes[layer];
  const pixels = newPixels(block.columns, block.rows);
  if (values.nodes) paintRamp(pixels, 0, values.nodes, values.nodeStarts[layer], count, values.nodeMost[layer], ramp);
  const { font } = layout;
  const frame = tag("rect", {
    x: block.x,
    y: block.y,
    width: block.width,
    height: block.height,
    fill: look.zero,
    stroke: look.line,
  });
  return (
    frame +
    image(pixels, block, address, false) +
    label(countWords(count, layout), column.x, block.y + block.height + 1.4 * font, {
      "font-size": font,
      "text-anchor": "middle",
      fill: look.text,
    })
  );
}
