/** Where weights and nodes stand in the flat arrays of a picture. */
export interface NetworkShape {
  /** n_0 … n_d. */
  sizes: number[];
  /** Constants of the bias nodes of layers 0 … d−1; 0: none. */
  bias: number[];
}

/** Rows of W_layer: its nodes and, where there is one, the bias node. */
export function weightRows(shape: NetworkShape, layer: number): number {
  return shape.sizes[layer] + (shape.bias[layer] ? 1 : 0);
}

/** Start of each W_l in theta, and at the end its length. */
export function weightOffsets(shape: NetworkShape): number[] {
  const offsets = [0];
  for (let l = 0; l + 1 < shape.sizes.length; l++) offsets.push(offsets[l] + weightRows(shape, l) * shape.sizes[l + 1]);
  return offsets;
}

/** Index in theta of the weight from node `from` of `layer` (the bias node is n_layer) into node `to` of the next one. */
export function weightIndex(shape: NetworkShape, layer: number, from: number, to: number): number {
  return weightOffsets(shape)[layer] + from * shape.sizes[layer + 1] + to;
}

/** Start of each layer in v, s, δ, ∂L/∂v, and at the end their length. */
export function nodeOffsets(sizes: number[]): number[] {
  const offsets = [0];
  for (const n of sizes) offsets.push(offsets[offsets.length - 1] + n);
  return offsets;
}
