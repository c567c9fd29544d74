import type { Arrays } from "../protocol/frames";
import type { Picked } from "./hit";
import { nodeOffsets, weightIndex, weightOffsets, type NetworkShape } from "./theta";

/** What is known of a node or an edge: names of the mathematics and numbers; null where the picture does not hold them. */
export function pickedNumbers(shape: NetworkShape, arrays: Arrays, picked: Picked): [string, number][] | null {
  return picked.what === "node" ? nodeNumbers(shape, arrays, picked) : edgeNumbers(shape, arrays, picked);
}

function nodeNumbers({ sizes }: NetworkShape, arrays: Arrays, { layer, to }: Picked): [string, number][] | null {
  const at = nodeOffsets(sizes)[layer] + to;
  const names = layer === 0 ? ["v", "dL_dv"] : ["v", "s", "delta", "dL_dv"];
  const whole = names.every((name) => arrays[name]?.data.length === nodeOffsets(sizes)[sizes.length]);
  return whole ? names.map((name) => [SYMBOLS[name](layer, to), arrays[name].data[at]]) : null;
}

function edgeNumbers(shape: NetworkShape, arrays: Arrays, { layer, from, to }: Picked): [string, number][] | null {
  const count = weightOffsets(shape)[shape.sizes.length - 1];
  if (arrays.theta?.data.length !== count) return null;
  const at = weightIndex(shape, layer, from, to);
  const known: [string, number][] = [[`W_${layer}[${from},${to}]`, arrays.theta.data[at]]];
  if (arrays.dL_dW?.data.length === count) known.push([`∂L/∂W_${layer}[${from},${to}]`, arrays.dL_dW.data[at]]);
  return known;
}

const SYMBOLS: Record<string, (layer: number, index: number) => string> = {
  v: (l, j) => `v_${l}[${j}]`,
  s: (l, j) => `s_${l}[${j}]`,
  delta: (l, j) => `δ_${l}[${j}]`,
  dL_dv: (l, j) => `∂L/∂v_${l}[${j}]`,
};

/** ∂L/∂w = v · δ with its numbers, where the picture holds them. */
export function edgeProduct(shape: NetworkShape, arrays: Arrays, { layer, from, to }: Picked): [number, number] | null {
  const starts = nodeOffsets(shape.sizes);
  const whole = ["v", "delta"].every((name) => arrays[name]?.data.length === starts[shape.sizes.length]);
  if (!whole) return null;
  const v = from === shape.sizes[layer] ? shape.bias[layer] : arrays.v.data[starts[layer] + from];
  return [v, arrays.delta.data[starts[layer + 1] + to]];
}
