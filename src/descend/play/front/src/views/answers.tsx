import { columnName } from "../draw/naming";
import { cellText, className, withMinus } from "../draw/words";
import { PARTS } from "../draw/points";
import type { Experiment } from "../protocol/messages";
import { useStore } from "../store";
import { ConfusionTable, PredictedAgainstTrue } from "./answers_table";
import { Curve } from "./answers_curve";
import { Plane } from "./answers_plane";
import { RowChoice } from "./row_choice";
import "./answers.css";

/** What the network answers: the surface, the fit, or right and wrong in a table; and the chosen row. */
export function AnswersView({ rowAbove = false }: { rowAbove?: boolean }) {
  const store = useStore();
  const experiment = store.experiment.value?.message;
  if (!experiment) return null;
  const long = (store.picture.value?.message.chosen.length ?? 0) > FEW_CELLS;
  return (
    <div class="answers-around">
      <div class="answers-body">
        <Legend experiment={experiment} />
        <Main experiment={experiment} />
        <div class="answers-beside" tabIndex={0} role="region" aria-label="Chosen row and scores">
          <Chosen experiment={experiment} rowAbove={rowAbove} />
          {long && <Scores />}
          <Cells experiment={experiment} />
          {!long && <Scores />}
        </div>
      </div>
    </div>
  );
}

const FEW_CELLS = 6; // longer rows stand below the scores, which would not be seen else

/** How good the answers are, and on which rows. */
function Scores() {
  const picture = useStore().picture.value?.message;
  return (
    <>
      {picture?.judged && <p class="answers-judged">{picture.judged}</p>}
      <dl class="answers-scores">
        {(picture?.scores ?? []).map(([head, words]) => (
          <div key={head}>
            <dt>{head}</dt>
            <dd>{withMinus(words)}</dd>
          </div>
        ))}
      </dl>
    </>
  );
}

function Main({ experiment }: { experiment: Experiment }) {
  const store = useStore();
  const arrays = store.picture.value?.arrays ?? {};
  if (experiment.kind === "plane" && experiment.extent.length === 4) return <Plane experiment={experiment} />;
  if (experiment.kind === "curve" && experiment.extent.length === 4) return <Curve experiment={experiment} />;
  if (experiment.task === "classes" && arrays.confusion) return <ConfusionTable experiment={experiment} />;
  if (arrays.true && arrays.predicted) return <PredictedAgainstTrue experiment={experiment} />;
  return (
    <p class="answers-none">
      There are no rows with a known answer here; the row that is shown is made up.{" "}
      {store.host.kind === "page" && "To judge or train the model by yours: descend play MODEL --data TABLE"}
    </p>
  );
}

/** What marks and colours mean. */
function Legend({ experiment }: { experiment: Experiment }) {
  if (experiment.kind === "table") return null;
  return (
    <div class="answers-legend">
      {experiment.kind === "plane" && experiment.task === "classes" && (
        <span class="answers-classes">
          {experiment.classes.map((_, c) => (
            <span key={c}>
              <i class="answers-swatch" style={{ "--swatch": `var(--class-${(c % 8) + 1})` }} />{" "}
              {className(experiment.classes, c)}
            </span>
          ))}
        </span>
      )}
      {experiment.kind === "plane" && experiment.task === "numbers" && (
        <span>
          − <i class="answers-ramp" /> +
        </span>
      )}
      {experiment.kind === "curve" && (
        <span>
          <i class="answers-fit" /> fit, <i class="answers-part" /> each hidden node's part
        </span>
      )}
      <span>
        {PARTS.map((part, i) =>
          experiment.rows[i] ? (
            <span key={part} class="answers-part-name">
              <i class={`answers-dot answers-${part}`} /> {part}{" "}
            </span>
          ) : null,
        )}
      </span>
    </div>
  );
}

/** The chosen row as it stands in the table. */
function Cells({ experiment }: { experiment: Experiment }) {
  const chosen = useStore().picture.value?.message.chosen ?? [];
  if (!experiment.trainable) return null;
  return (
    <dl>
      {chosen.map(([head, value]) => (
        <div key={head}>
          <dt>{columnName(experiment, head)}</dt>
          <dd>{cellText(value)}</dd>
        </div>
      ))}
    </dl>
  );
}

/** Which row is chosen, for the heading of the answers. */
export function AnswersBar() {
  const store = useStore();
  const experiment = store.experiment.value?.message;
  const chosen = store.picture.value?.message.chosen.length ?? 0;
  return experiment && chosen > 0 ? <RowChoice experiment={experiment} /> : null;
}

/** Which row is chosen, and what the network says of it. */
function Chosen({ experiment, rowAbove }: { experiment: Experiment; rowAbove: boolean }) {
  const picture = useStore().picture.value?.message;
  if (!picture || picture.chosen.length === 0) return null;
  return (
    <div class="answers-chosen">
      {!rowAbove && <RowChoice experiment={experiment} />}
      {picture.answer && (
        <p class="answers-answer">
          the network says <b>{withMinus(picture.answer)}</b>
        </p>
      )}
    </div>
  );
}
