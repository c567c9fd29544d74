import type { Picked } from "../draw/hit";
import { ownName } from "../draw/naming";
import { weightRows } from "../draw/theta";
import type { Experiment } from "../protocol/messages";
import { useStore } from "../store";
import { selectionOf } from "./selection";

const MOST_OPTIONS = 64;

/** The way from a node to its edges without a pointer. */
export function IncomingEdges({ experiment, picked }: { experiment: Experiment; picked: Picked }) {
  const { pinned } = selectionOf(useStore());
  const layer = picked.layer - 1;
  const count = weightRows(experiment, layer);
  if (count > MOST_OPTIONS) return null;
  const choose = (text: string) => {
    if (text !== "") pinned.value = { what: "edge", layer, from: Number(text), to: picked.to };
  };
  return (
    <label class="numbers-pick">
      its edge from{" "}
      <select value="" onChange={(event) => choose(event.currentTarget.value)}>
        <option value="">…</option>
        {Array.from({ length: count }, (_, from) => (
          <option key={from} value={from}>
            {from === experiment.sizes[layer] ? "bias node" : `${from} ${ownName(experiment, layer, from)}`}
          </option>
        ))}
      </select>
    </label>
  );
}

/** Any node by its layer and index: also those that are not drawn one by one. */
export function PickAny({ experiment, picked }: { experiment: Experiment; picked: Picked | null }) {
  const { pinned } = selectionOf(useStore());
  const edge = picked?.what === "edge";
  const at = picked ?? { what: "node" as const, layer: 0, from: 0, to: 0 };
  const deepest = experiment.sizes.length - (edge ? 2 : 1);
  const change = (part: Partial<Picked>) => {
    const layer = Math.max(0, Math.min(deepest, part.layer ?? at.layer));
    const last = {
      from: edge ? weightRows(experiment, layer) - 1 : 0,
      to: experiment.sizes[edge ? layer + 1 : layer] - 1,
    };
    const within = (name: "from" | "to") => Math.max(0, Math.min(last[name], part[name] ?? at[name]));
    pinned.value = { what: at.what, layer, from: within("from"), to: within("to") };
  };
  const input = (label: string, name: "layer" | "from" | "to", most: number) => (
    <label>
      {label}{" "}
      <input
        type="number"
        min={0}
        max={most}
        value={at[name]}
        onChange={(event) => {
          const value = Math.round(Number(event.currentTarget.value));
          if (Number.isFinite(value)) change({ [name]: value });
        }}
      />
    </label>
  );
  return (
    <div class="numbers-pick">
      {input(edge ? "W" : "layer", "layer", deepest)}
      {edge && input("from", "from", weightRows(experiment, Math.min(at.layer, deepest)) - 1)}
      {input(
        edge ? "to" : "node",
        "to",
        experiment.sizes[Math.min(edge ? at.layer + 1 : at.layer, experiment.sizes.length - 1)] - 1,
      )}
    </div>
  );
}
