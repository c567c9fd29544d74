import { HEALTH } from "../draw/naming";
import { BACKWARD, FORWARD } from "../draw/network_values";
import { nodeOffsets } from "../draw/theta";
import { useElementId } from "../frame/page";
import { useStore } from "../store";
import { Formula } from "./formula";
import { NetworkDrawing } from "./network_drawing";
import { selectionOf } from "./selection";
import "./network.css";

/** Nodes and edges, coloured by v and w, or by δ and ∂L/∂W. */
export function NetworkView() {
  const store = useStore();
  const { backward } = selectionOf(store);
  const group = useElementId();
  if (store.experiment.value === null) return null;
  return (
    <div class="net-view">
      <div class="net-bar">
        <fieldset class="net-switch">
          <legend class="net-unseen">Direction</legend>
          <Way group={group} backward={false} label="forward: v, w" />
          <Way group={group} backward={true} label="backward: δ, ∂L/∂w" />
        </fieldset>
        <Scale />
      </div>
      <NetworkDrawing shown={backward.value ? BACKWARD : FORWARD} />
      <Health />
    </div>
  );
}

function Way({ group, backward, label }: { group: string; backward: boolean; label: string }) {
  const selection = selectionOf(useStore());
  return (
    <label>
      <input
        type="radio"
        name={group}
        checked={selection.backward.value === backward}
        onChange={() => (selection.backward.value = backward)}
      />
      {label}
    </label>
  );
}

/** Which colour is below 0, which above. */
function Scale() {
  return (
    <span class="net-scale">
      <span>− </span>
      <span
        class="net-scale-bar"
        role="img"
        aria-label="orange: below 0; blue: above 0; the wider an edge, the larger"
      />
      <span> +</span>
    </span>
  );
}

/** Nodes that are not well, in words. */
function Health() {
  const store = useStore();
  const experiment = store.experiment.value!.message;
  const arrays = store.picture.value?.arrays ?? {};
  const starts = nodeOffsets(experiment.sizes);
  const health = arrays.health?.data;
  const kinds = HEALTH.map((kind, i) => ({ ...kind, found: i > 0 && health ? places(health, i, starts) : [] }));
  const ill = kinds.filter(({ found }) => found.length > 0);
  if (ill.length === 0) return null;
  return (
    <p class="net-health">
      {ill.map(({ word, mark, why, found }) => (
        <span key={word} title={why}>
          <b>{mark}</b> {word}: <Formula text={listed(found)} />
        </span>
      ))}
    </p>
  );
}

/** Layer and index of the nodes whose health is `kind`. */
function places(health: ArrayLike<number>, kind: number, starts: number[]): string[] {
  const found: string[] = [];
  for (let l = 1; l + 2 < starts.length; l++)
    for (let j = 0; j < starts[l + 1] - starts[l]; j++)
      if (health[starts[l] - starts[1] + j] === kind) found.push(`v_${l}[${j}]`);
  return found;
}

const NAMED = 3;

function listed(found: string[]): string {
  return found.slice(0, NAMED).join(", ") + (found.length > NAMED ? ` and ${found.length - NAMED} more` : "");
}
