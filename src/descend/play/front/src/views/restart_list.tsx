import { useRef } from "preact/hooks";
import { ranks } from "../draw/curves";
import { short } from "../draw/numbers";
import { useStore } from "../store";

const EVERY = 500; // ms between two lists while a training runs

/** All restarts as buttons: rank, best loss, what became of it; for the keyboard, and for exact numbers. */
export function RestartList() {
  const store = useStore();
  const { picture } = store;
  const drawn = useRef<{ at: number; of: typeof picture.value }>({ at: 0, of: null });
  const now = performance.now();
  if (!picture.value?.message.running || now - drawn.current.at > EVERY || drawn.current.of === null)
    drawn.current = { at: now, of: picture.value };
  const { of } = drawn.current;
  if (of === null) return null;
  const { message, arrays } = of;
  const losses = arrays.best_loss?.data ?? new Float64Array(message.status.length);
  const rank = ranks(losses);
  return (
    <div class="restart-list" role="group" aria-label="Restarts; a click shows one everywhere">
      {message.status.map((status, restart) => (
        <button
          key={restart}
          type="button"
          class={`restart-chip${status === "killed" ? " restart-killed" : ""}`}
          aria-pressed={restart === message.restart}
          title={`restart ${restart}: ${status}, best loss ${short(losses[restart], 6)}, rank ${rank[restart] || "–"}`}
          onClick={() => store.set({ restart })}
        >
          <span class="restart-number">{restart}</span> {rank[restart] ? short(losses[restart], 3) : "–"}
          {restart === message.winner && rank[restart] > 0 && <span aria-label="the leader"> ★</span>}
          {MARKS[status] && <span aria-label={status}> {MARKS[status]}</span>}
        </button>
      ))}
    </div>
  );
}

const MARKS: Record<string, string> = { killed: "✕", diverged: "∞", "stopped early": "■" };
