import { useState } from "preact/hooks";
import type { Picked } from "../draw/hit";
import { useStore } from "../store";

/** Another value for a weight; Enter sets it. Follows the weight until something is typed. */
export function WeightInput({ picked, weight }: { picked: Picked; weight: number | null }) {
  const store = useStore();
  const [typed, setTyped] = useState<string | null>(null);
  const text = typed ?? (weight === null ? "" : String(weight));
  const submit = (event: Event) => {
    event.preventDefault();
    const value = Number(text);
    if (text.trim() === "" || !Number.isFinite(value)) return;
    store.edit(picked.layer, picked.from, picked.to, value);
    setTyped(null);
  };
  return (
    <form class="numbers-edit" onSubmit={submit}>
      <label>
        set to{" "}
        <input
          type="number"
          step="any"
          value={text}
          onInput={(event) => setTyped(event.currentTarget.value)}
          onBlur={() => setTyped(null)}
        />
      </label>
      <span class="numbers-key">Enter</span>
    </form>
  );
}
