import type { Arrays, NumberArray } from "../protocol/frames";
import type { Experiment } from "../protocol/messages";
import { largest } from "./colours";
import { nodeOffsets, weightOffsets } from "./theta";

/** The numbers that colour a network: of its nodes and its edges, and what each is measured against. */
export interface NetworkValues {
  nodes: NumberArray | null;
  nodeStarts: number[];
  /** Of each layer: the size that gets the full colour. */
  nodeMost: number[];
  edges: NumberArray | null;
  edgeStarts: number[];
  edgeMost: number;
  maps: { data: NumberArray; side: number; most: number[] } | null;
  health: NumberArray | null;
  /** Mean and largest |w| of each layer, where there are too many weights to have each. */
  mean: NumberArray | null;
}

/** What is shown of each layer and each W. */
export interface Shown {
  /** Nodes of layers from here on show δ, those below v; inputs have no δ and show ∂L/∂v, if all others show δ. */
  deltaFrom: number;
  /** Edges show ∂L/∂w in place of w. */
  gradients: boolean;
  /** Nodes hold the heat maps of v over the plane, where there are some. */
  maps: boolean;
}

export const FORWARD: Shown = { deltaFrom: Infinity, gradients: false, maps: true };
export const BACKWARD: Shown = { deltaFrom: 0, gradients: true, maps: false };

/** The numbers of a picture that shall be shown. */
export function networkValues(experiment: Experiment, arrays: Arrays, shown: Shown): NetworkValues {
  const { sizes } = experiment;
  const nodeStarts = nodeOffsets(sizes);
  const edgeStarts = weightOffsets(experiment);
  const nodes = nodesShown(arrays, nodeStarts, shown.deltaFrom);
  const edges = held(arrays, shown.gradients ? "dL_dW" : "theta", edgeStarts[sizes.length - 1]);
  const ofLayer = (l: number, end = l + 1) => (nodes ? largest(nodes, nodeStarts[l], nodeStarts[end]) : 1);
  const layerMost = sizes.map((_, l) => {
    if (l === 0 || l < shown.deltaFrom) return ofLayer(l);
    return ofLayer(Math.max(1, shown.deltaFrom), sizes.length);
  });
  return {
    nodes,
    nodeStarts,
    nodeMost: layerMost,
    edges,
    edgeStarts,
    edgeMost: edges ? largest(edges) : 1,
    maps: shown.maps ? mapsOf(arrays, nodeStarts) : null,
    health: held(arrays, "health", nodeStarts[sizes.length - 1] - sizes[0]),
    mean: held(arrays, "edge_mean", 2 * (sizes.length - 1)),
  };
}

function nodesShown(arrays: Arrays, starts: number[], deltaFrom: number): NumberArray | null {
  const count = starts[starts.length - 1];
  const [v, delta] = [held(arrays, "v", count), held(arrays, "delta", count)];
  if (v === null || deltaFrom >= starts.length - 1) return v;
  if (delta === null) return null;
  const nodes = Float64Array.from(v);
  nodes.set(delta.subarray(starts[deltaFrom]), starts[deltaFrom]);
  const gradients = held(arrays, "dL_dv", count);
  if (deltaFrom === 0 && gradients !== null) nodes.set(gradients.subarray(0, starts[1]), 0);
  return nodes;
}

function held(arrays: Arrays, name: string, length: number): NumberArray | null {
  const data = arrays[name]?.data;
  return data?.length === length ? data : null;
}

function mapsOf(arrays: Arrays, starts: number[]): NetworkValues["maps"] {
  const maps = arrays.maps;
  if (maps === undefined || maps.shape[0] !== starts[starts.length - 1]) return null;
  const side = maps.shape[1];
  const cells = side * maps.shape[2];
  const most = starts.slice(1).map((end, l) => largest(maps.data, starts[l] * cells, end * cells));
  return { data: maps.data, side, most };
}

/** Which quantity the nodes of a layer show. */
export function quantity(shown: Shown, layer: number): "v" | "δ" | "∂L/∂v" {
  if (layer < shown.deltaFrom) return "v";
  return layer === 0 ? "∂L/∂v" : "δ";
}

/** Value of a node as shown; NaN where there is none. */
export function nodeValue(values: NetworkValues, layer: number, index: number): number {
  return values.nodes ? values.nodes[values.nodeStarts[layer] + index] : NaN;
}

/** Width in px of an edge whose weight is `share` of the largest one's; that one has `most`. */
export function edgeWidth(share: number, most: number): number {
  return Math.round(4 * (0.5 + (most - 0.5) * Math.abs(share || 0))) / 4;
}
