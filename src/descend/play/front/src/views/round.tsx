import { useSignalEffect } from "@preact/signals";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { litBy } from "../draw/lit";
import { short } from "../draw/numbers";
import { withMinus } from "../draw/words";
import type { Round } from "../protocol/messages";
import { useStore } from "../store";
import { Formula } from "./formula";
import { NetworkDrawing } from "./network_drawing";
import { RowChoice } from "./row_choice";
import "./round.css";

/** One round of SGD on the chosen row, step by step, with the numbers plugged in. */
export function RoundView() {
  const store = useStore();
  useAskedRound();
  const [at, setAt] = useState(0);
  const round = store.round.value;
  const experiment = store.experiment.value?.message;
  const picture = store.picture.value?.message;
  const last = Math.max(0, (round?.steps.length ?? 1) - 1);
  const place = Math.min(at, last);
  const step = round?.steps[place];
  const depth = experiment ? experiment.sizes.length - 1 : 0;
  const lit = useMemo(() => step && litBy(step, depth), [step?.part, step?.layer, depth]);
  if (!experiment) return null;
  const go = (to: number) => setAt(Math.max(0, Math.min(last, to)));
  const keys = (event: KeyboardEvent) => {
    if (event.target instanceof HTMLElement && event.target.matches("input, select")) return;
    const to = { ArrowRight: place + 1, ArrowLeft: place - 1, Home: 0, End: last }[event.key];
    if (to === undefined || (event.target as Element).closest(".net") !== null) return;
    event.preventDefault();
    go(to);
  };
  const moves = [
    { to: 0, text: "|◀", words: "first step", end: place === 0 },
    { to: place - 1, text: "◀ back", end: place === 0 },
    { to: place + 1, text: "next ▶", end: place === last },
    { to: last, text: "▶|", words: "last step", end: place === last },
  ];
  return (
    <div class="round-body" onKeyDown={keys}>
      <div class="round-bar">
        <RowChoice experiment={experiment} />
        <button
          type="button"
          class="round-do"
          disabled={!experiment.trainable || picture?.running}
          onClick={() => store.run("round")}
        >
          do this round
        </button>
      </div>
      {picture?.running && (
        <p class="round-note">The training runs: pause it, and the numbers below are those of now.</p>
      )}
      <div class="round-network">{lit && <NetworkDrawing shown={lit.shown} lit={lit} />}</div>
      <div class="round-steps" role="group" aria-label="Steps of the round; arrow keys go on and back">
        {moves.map(({ to, text, words, end }) => (
          <button key={text} type="button" aria-disabled={end} aria-label={words} onClick={() => go(to)}>
            {text}
          </button>
        ))}
        <span class="round-count">
          step {place + 1} of {last + 1}
        </span>
        {picture?.loss != null && <span class="round-loss">L = {short(picture.loss, 6)}</span>}
      </div>
      <StepText round={round} place={place} />
    </div>
  );
}

function StepText({ round, place }: { round: Round | null; place: number }) {
  const step = round?.steps[place];
  const text = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (text.current) text.current.scrollTop = 0;
  }, [place]);
  if (!step) return <p class="round-note">…</p>;
  return (
    <div class="round-text" ref={text} tabindex={0} role="region" aria-label="The step in numbers" aria-live="polite">
      <h3>
        <Formula text={step.title} />
      </h3>
      {step.lines.map((line, i) => (
        <p key={i} class={line.startsWith(" ") ? "round-line" : "round-line round-first"}>
          <Formula text={withMinus(line.trim())} />
        </p>
      ))}
    </div>
  );
}

/** Asks for the round when the view opens, and when row, restart or weights are others while nothing runs. */
function useAskedRound(): void {
  const store = useStore();
  const asked = useRef<unknown>(null);
  useSignalEffect(() => {
    const [experiment, picture] = [store.experiment.value, store.picture.value];
    if (experiment === null || picture === null) return;
    const settled = !picture.message.running || store.round.value === null;
    if (!settled || asked.current === picture) return;
    asked.current = picture;
    store.ask("round");
  });
}
