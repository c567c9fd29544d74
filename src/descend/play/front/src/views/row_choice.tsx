import type { Experiment } from "../protocol/messages";
import { useStore } from "../store";
import "./row_choice.css";

/** Which row is looked at. */
export function RowChoice({ experiment }: { experiment: Experiment }) {
  const store = useStore();
  const rows = experiment.choosable;
  const { row } = experiment.settings;
  if (!rows) return null;
  const go = (to: number) => store.set({ row: ((to % rows) + rows) % rows });
  return (
    <div class="row-choice" role="group" aria-label="Row that is looked at">
      <label>
        row{" "}
        <input
          type="number"
          min={0}
          max={rows - 1}
          value={row}
          onChange={(event) => {
            const to = Math.round(Number(event.currentTarget.value));
            if (to >= 0 && to < rows) go(to);
            else event.currentTarget.value = String(row);
          }}
        />{" "}
        of {rows.toLocaleString("en")}
      </label>
      <button type="button" aria-label="previous row" onClick={() => go(row - 1)}>
        ‹
      </button>
      <button type="button" aria-label="next row" onClick={() => go(row + 1)}>
        ›
      </button>
      <button type="button" onClick={() => go(Math.floor(Math.random() * rows))}>
        random
      </button>
    </div>
  );
}
