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

/** Forward: v and W, with maps where there are some; backward: δ and ∂L/∂W. */
export function networkValues(experiment: Experiment, arrays: Arrays, backward: boolean): NetworkValues {
  const { sizes } = experiment;
  const nodeStarts = nodeOffsets(sizes);
  const edgeStarts = weightOffsets(experiment);
  const nodes = held(arrays, backward ? "delta" : "v", nodeStarts[sizes.length]);
  const edges = held(arrays, backward ? "dL_dW" : "theta", edgeStarts[sizes.length - 1]);
  const all = nodes && backward ? largest(nodes) : 0;
  const layerMost = sizes.map((_, l) => all || (nodes ? largest(nodes, nodeStarts[l], nodeStarts[l + 1]) : 1));
  return {
    nodes,
    nodeStarts,
    nodeMost: layerMost,
    edges,
    edgeStarts,
    edgeMost: edges ? largest(edges) : 1,
    maps: backward ? null : mapsOf(arrays, nodeStarts),
    health: held(arrays, "health", nodeStarts[sizes.length - 1] - sizes[0]),
    mean: held(arrays, "edge_mean", 2 * (sizes.length - 1)),
  };
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

/** Value of a node as shown; NaN where there is none. */
export function nodeValue(values: NetworkValues, layer: number, index: number): number {
  return values.nodes ? values.nodes[values.nodeStarts[layer] + index] : NaN;
}

/** Width in px of an edge whose weight is `share` of the largest one's; that one has `most`. */
export function edgeWidth(share: number, most: number): number {
  return Math.round(4 * (0.5 + (most - 0.5) * Math.abs(share || 0))) / 4;
}
