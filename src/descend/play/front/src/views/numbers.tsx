import { useEffect, useRef, useState } from "preact/hooks";
import { existsIn, type Picked } from "../draw/hit";
import { pickedName } from "../draw/naming";
import { full } from "../draw/numbers";
import { edgeProduct, pickedNumbers } from "../draw/picked_numbers";
import { hasRows } from "../frame/run";
import { useStore } from "../store";
import { Formula } from "./formula";
import { selectionOf } from "./selection";
import { IncomingEdges, PickAny } from "./numbers_pick";
import { WeightInput } from "./numbers_edit";
import "./numbers.css";

/** Every number of the node or edge that is pointed at or pinned, with all its digits. */
export function NumbersView() {
  const store = useStore();
  const { hovered, pinned } = selectionOf(store);
  const experiment = store.experiment.value?.message;
  const arrays = store.picture.value?.arrays ?? {};
  const picked = pinned.value ?? hovered.value;
  const asked = useAsked(
    experiment && picked && existsIn(experiment, picked) && !pickedNumbers(experiment, arrays, picked) ? picked : null,
  );
  if (!experiment) return null;
  if (picked === null || !existsIn(experiment, picked))
    return (
      <div class="numbers-body">
        <p class="numbers-hint">
          Point at a node or an edge to see its numbers; a click pins it, and then a weight can be changed.
        </p>
        <PickAny experiment={experiment} picked={null} />
      </div>
    );
  const all = pickedNumbers(experiment, arrays, picked) ?? asked ?? [];
  const learns = hasRows(experiment); // without a loss nothing has a derivative
  const known = all.filter(([, value]) => learns || !Number.isNaN(value));
  const product = learns && picked.what === "edge" ? edgeProduct(experiment, arrays, picked) : null;
  const isPinned = pinned.value !== null;
  return (
    <div class="numbers-body">
      <div class="numbers-head">
        <strong>
          <Formula text={pickedName(experiment, picked)} />
        </strong>
        <button type="button" aria-pressed={isPinned} onClick={() => (pinned.value = isPinned ? null : picked)}>
          {isPinned ? "pinned: let go" : "pin"}
        </button>
      </div>
      <dl class="numbers-list">
        {known.map(([name, value]) => (
          <div key={name}>
            <dt>
              <Formula text={name} />
            </dt>
            <dd>{value === null ? "—" : full(value)}</dd>
          </div>
        ))}
        {isPinned && picked.what === "edge" && (
          <WeightInput key={JSON.stringify(picked)} picked={picked} weight={known[0]?.[1] ?? null} />
        )}
      </dl>
      {product && (
        <p class="numbers-formula">
          <Formula
            text={`∂L/∂w = v_${picked.layer}[${picked.from}]·δ_${picked.layer + 1}[${picked.to}] = ${full(product[0])} · ${full(product[1])}`}
          />
        </p>
      )}
      {picked.what === "node" && picked.layer > 0 && <IncomingEdges experiment={experiment} picked={picked} />}
      <PickAny experiment={experiment} picked={picked} />
    </div>
  );
}

/** Numbers that Python is asked for, anew with each picture; null until they are there, or where nothing is to be asked. */
function useAsked(picked: Picked | null): [string, number | null][] | null {
  const store = useStore();
  const [values, setValues] = useState<{ of: string; list: [string, number | null][] } | null>(null);
  const waiting = useRef(false);
  const key = picked && `${picked.what} ${picked.layer} ${picked.from} ${picked.to}`;
  const picture = store.picture.value;
  useEffect(
    () =>
      store.onAnswer((message) => {
        if (message.type === "numbers" || message.type === "refused") waiting.current = false;
        if (message.type !== "numbers") return;
        setValues({
          of: `${message.what} ${message.layer} ${message.from_node} ${message.to_node}`,
          list: Object.entries(message.values),
        });
      }),
    [store],
  );
  useEffect(() => {
    waiting.current = false;
  }, [key]);
  useEffect(() => {
    if (picked === null || waiting.current) return;
    waiting.current = true;
    store.ask(picked.what === "node" ? "node" : "edge", picked.layer, picked.from, picked.to);
  }, [key, picture]);
  return values !== null && values.of === key ? values.list : null;
}
