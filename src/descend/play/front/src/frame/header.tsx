import { useEffect, useState } from "preact/hooks";
import { Select } from "../controls/choice-field";
import { giveNumber } from "../controls/number-field";
import { useSettings } from "../controls/setting";
import type { Choice, Picture } from "../protocol/messages";
import { useStore } from "../store";
import { Icon } from "./icons";
import { PageButtons } from "./page-buttons";
import { hasRows, playOrPause } from "./run";

const SPEEDS = [1, 2, 5, 10, 20, 50, 100, 200];

function speedChoice(speed: number): Choice {
  return { value: String(speed), label: speed === 0 ? "full speed" : `${speed} ${speed === 1 ? "epoch" : "epochs"}/s`, note: "" };
}

/** The usual speeds and the one that is set, the slowest first; full speed last. */
export function speedChoices(speed: number): Choice[] {
  const speeds = [...new Set([...SPEEDS, ...(speed > 0 ? [speed] : [])])].sort((a, b) => a - b);
  return [...speeds, 0].map(speedChoice);
}

function RunButtons({ picture, trainable }: { picture: Picture; trainable: boolean }) {
  const store = useStore();
  const label = picture.running ? "Pause" : picture.finished ? "Again" : "Play";
  const lost = store.cut.value !== null;
  const still = !trainable || lost || picture.finished;
  return (
    <div class="run" role="group" aria-label="Run">
      <button
        type="button"
        class="play"
        disabled={!trainable || lost}
        aria-keyshortcuts="Space"
        onClick={() => playOrPause(store)}
      >
        <Icon name={picture.running ? "pause" : "play"} />
        {label}
      </button>
      <button type="button" disabled={still} aria-keyshortcuts="e" onClick={() => store.run("epoch")}>
        1 epoch
      </button>
      <button type="button" disabled={still} aria-keyshortcuts="r" onClick={() => store.run("round")}>
        1 round
      </button>
      <button
        type="button"
        class="only-icon"
        disabled={!trainable || lost}
        aria-keyshortcuts="Home"
        aria-label="Rewind to the same starting weights"
        title="Rewind to the same starting weights"
        onClick={() => store.run("rewind")}
      >
        <Icon name="rewind" />
      </button>
    </div>
  );
}

function Speed() {
  const store = useStore();
  const known = useSettings();
  if (known === null) return null;
  const { speed } = known.settings;
  return (
    <Select
      choices={speedChoices(speed)}
      value={String(speed)}
      choose={(chosen) => giveNumber(store, "speed", Number(chosen))}
      attributes={{ "aria-label": "Speed", class: "speed" }}
    />
  );
}

function Counter({ picture, epochs }: { picture: Picture; epochs: number }) {
  const past = picture.shown_epoch !== picture.epoch;
  return (
    <div class="counter">
      <span>
        Epoch <b>{picture.shown_epoch.toLocaleString("en")}</b> of {epochs.toLocaleString("en")}
      </span>
      <span class="rounds">
        {past ? `now at ${picture.epoch.toLocaleString("en")}` : `${picture.round.toLocaleString("en")} rounds`}
      </span>
    </div>
  );
}

/** The kept epoch that a move of the time slider means: the next one in its direction; −1: now. */
export function epochOf(picture: Picture, to: number): number {
  const { kept, shown_epoch: shown, epoch } = picture;
  if (to >= epoch) return -1;
  if (to > shown) return kept.find((one) => one >= to) ?? -1;
  return Math.max(0, ...kept.filter((one) => one <= to));
}

/** The time slider: it moves on with the training, and shows an earlier epoch when it is pulled back. */
function TimeTravel({ picture, epochs }: { picture: Picture; epochs: number }) {
  const store = useStore();
  const [dragged, setDragged] = useState<number | null>(null);
  useEffect(() => setDragged(null), [picture]);
  useEffect(() => {
    if (dragged === null) return;
    const frame = requestAnimationFrame(() => store.travel(epochOf(picture, dragged)));
    return () => cancelAnimationFrame(frame);
  }, [dragged]);
  const past = picture.shown_epoch !== picture.epoch;
  return (
    <div class="time">
      <input
        type="range"
        aria-label="Time travel: the epoch whose weights are shown"
        aria-valuetext={past ? `epoch ${picture.shown_epoch}` : `now, epoch ${picture.epoch}`}
        title="Time travel: show the weights of an earlier epoch"
        min={0}
        max={epochs}
        step={1}
        value={dragged ?? picture.shown_epoch}
        disabled={picture.epoch === 0}
        onInput={(event) => setDragged(Number(event.currentTarget.value))}
      />
      <button type="button" class={past ? "now" : "now idle"} disabled={!past} onClick={() => store.travel(-1)}>
        Now
      </button>
    </div>
  );
}

/** The row above everything; where there are no columns, the page's own buttons stand beside the tabs. */
export function Header({ columns }: { columns: boolean }) {
  const { picture, experiment } = useStore();
  const shown = picture.value?.message;
  const learnt = experiment.value?.message;
  return (
    <header class="top">
      <h1>descend</h1>
      {shown !== undefined && learnt !== undefined && (
        <>
          <RunButtons picture={shown} trainable={hasRows(learnt)} />
          {hasRows(learnt) ? (
            <>
              <Speed />
              <Counter picture={shown} epochs={learnt.settings.epochs} />
              <TimeTravel picture={shown} epochs={learnt.settings.epochs} />
            </>
          ) : (
            <p class="untrained">It came without rows: it can be looked at, not trained.</p>
          )}
        </>
      )}
      {columns && <PageButtons />}
    </header>
  );
}
