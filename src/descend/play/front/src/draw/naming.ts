import type { Experiment } from "../protocol/messages";
import type { Picked } from "./hit";

/** A node's own name, of inputs and outputs; "" of hidden ones. */
export function ownName(experiment: Experiment, layer: number, index: number): string {
  if (layer === 0) return experiment.inputs[index] ?? "";
  return layer === experiment.sizes.length - 1 ? (experiment.outputs[index] ?? "") : "";
}

/** "v_1[3]", with its own name where it has one; "the bias node of layer 0". */
export function nodeName(experiment: Experiment, layer: number, index: number): string {
  if (index === experiment.sizes[layer]) return `the bias node of layer ${layer}`;
  const name = ownName(experiment, layer, index);
  return `v_${layer}[${index}]${name ? ` (${name})` : ""}`;
}

/** What is picked, in words. */
export function pickedName(experiment: Experiment, picked: Picked): string {
  const { layer, from, to } = picked;
  if (picked.what === "edge")
    return `W_${layer}[${from},${to}]: from ${nodeName(experiment, layer, from)} to ${nodeName(experiment, layer + 1, to)}`;
  return `Node ${nodeName(experiment, layer, to)}`;
}

/** Words for `health`. */
export const HEALTH = [
  { word: "", mark: "", why: "" },
  { word: "dead", mark: "×", why: "its value is the same for all rows: it does nothing" },
  { word: "saturated", mark: "!", why: "its σ' is almost 0 for all rows: it hardly learns" },
  { word: "duplicate", mark: "=", why: "another node of its layer computes the same" },
];
