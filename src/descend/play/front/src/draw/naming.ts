import type { Experiment } from "../protocol/messages";
import type { Picked } from "./hit";

/** A column's name as it is shown: x_1 of made rows as x₁, those of tables as they are. */
export function columnName(experiment: Experiment, name: string): string {
  if (experiment.kind === "table") return name;
  return name.replace(/^([a-z])_(\d)$/, (_, letter: string, digit: string) => letter + LOW[Number(digit)]);
}

const LOW = "₀₁₂₃₄₅₆₇₈₉";

/** A node's own name, of inputs and outputs; "" of hidden ones. */
export function ownName(experiment: Experiment, layer: number, index: number): string {
  const { inputs, outputs, sizes } = experiment;
  const names = layer === 0 ? inputs : layer === sizes.length - 1 ? outputs : [];
  return columnName(experiment, names[index] ?? "");
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
