import { useSignalEffect } from "@preact/signals";
import { useLayoutEffect, useRef } from "preact/hooks";
import { frameOf } from "../draw/axes";
import { MOST_CLASSES, commonExtent, confusionOf, percent, type Confusion } from "../draw/table";
import { className } from "../draw/words";
import type { Experiment } from "../protocol/messages";
import { useStore } from "../store";
import { AnswersFrame } from "./answers_frame";
import { sized, useStage, type Stage } from "./stage";

/** True against predicted, by class: counts, and shares of the rows of that class. */
export function ConfusionTable({ experiment }: { experiment: Experiment }) {
  const counts = useStore().picture.value?.arrays.confusion;
  if (counts === undefined) return null;
  const confusion = confusionOf(counts.data, counts.shape[0]);
  if (confusion.classes > MOST_CLASSES)
    return (
      <p>{`${confusion.classes} classes are too many for a matrix: ${confusion.right} of ${confusion.rows} rows are right.`}</p>
    );
  const all = Array.from({ length: confusion.classes }, (_, c) => c);
  const many = confusion.classes > 6;
  return (
    <div class="confusion-place" tabindex={0} role="region" aria-label="Confusion matrix">
      <table
        class={`confusion${many ? " confusion-many" : ""}${many && experiment.classes.some((name) => name.length > 2) ? " confusion-tall" : ""}`}
      >
        <caption>rows: true, columns: predicted{many ? "" : "; count and share of the row"}</caption>
        <thead>
          <tr>
            <td />
            {all.map((c) => (
              <th key={c} scope="col">
                <span>{className(experiment.classes, c)}</span>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {all.map((truth) => (
            <tr key={truth}>
              <th scope="row">
                <span>{className(experiment.classes, truth)}</span>
              </th>
              {all.map((predicted) => (
                <Cell
                  key={predicted}
                  confusion={confusion}
                  truth={truth}
                  predicted={predicted}
                  experiment={experiment}
                />
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Cell({
  confusion,
  truth,
  predicted,
  experiment,
}: {
  confusion: Confusion;
  truth: number;
  predicted: number;
  experiment: Experiment;
}) {
  const share = confusion.share(truth, predicted);
  const [count, part] = [confusion.count(truth, predicted), percent(share)];
  const own = truth === predicted;
  return (
    <td
      class={own ? "confusion-right" : "confusion-wrong"}
      style={{ "--share": share }}
      title={`true ${className(experiment.classes, truth)}, predicted ${className(experiment.classes, predicted)}: ${count} (${part})`}
    >
      {count}
      {confusion.classes <= 6 && <small>{part}</small>}
    </td>
  );
}

/** Predicted against true numbers, with the diagonal on which all should lie. */
export function PredictedAgainstTrue({ experiment }: { experiment: Experiment }) {
  const place = useRef<HTMLDivElement>(null);
  const stage = useStage(place);
  return (
    <div class="answers-place" ref={place}>
      {stage && <SizedScatter stage={stage} experiment={experiment} />}
    </div>
  );
}

function SizedScatter({ stage, experiment }: { stage: Stage; experiment: Experiment }) {
  const store = useStore();
  const { width, height, look } = stage;
  const canvas = useRef<HTMLCanvasElement>(null);
  const arrays = store.picture.value?.arrays ?? {};
  const [truth, predicted] = [arrays.true?.data ?? [], arrays.predicted?.data ?? []];
  const font = 11 * look.scale;
  const frame = frameOf(width, height, font, commonExtent(truth, predicted), true);
  const paint = () => {
    if (canvas.current === null) return;
    const context = sized(canvas.current, width, height);
    const [least, most] = frame.x.domain();
    context.strokeStyle = look.muted;
    context.setLineDash([5, 4]);
    context.beginPath();
    context.moveTo(frame.x(least), frame.y(least));
    context.lineTo(frame.x(most), frame.y(most));
    context.stroke();
    context.setLineDash([]);
    context.fillStyle = look.accent;
    context.globalAlpha = truth.length > 500 ? 0.45 : 0.75;
    for (let i = 0; i < truth.length; i++) {
      context.beginPath();
      context.arc(frame.x(truth[i]), frame.y(predicted[i]), 2.6 * look.scale, 0, 2 * Math.PI);
      context.fill();
    }
    context.globalAlpha = 1;
  };
  useLayoutEffect(paint);
  useSignalEffect(paint);
  const target = experiment.settings.target || experiment.outputs[0] || "y";
  return (
    <div class="answers-layers" role="img" aria-label={`Predicted against true ${target}`}>
      <canvas ref={canvas} />
      <AnswersFrame
        frame={frame}
        width={width}
        height={height}
        font={font}
        names={[`true ${target}`, `predicted ${target}`]}
      />
    </div>
  );
}
