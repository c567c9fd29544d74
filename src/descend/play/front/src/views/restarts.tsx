import "uplot/dist/uPlot.min.css";
import { useSignalEffect, type Signal } from "@preact/signals";
import { useLayoutEffect, useRef } from "preact/hooks";
import { curvesOf } from "../draw/restart_curves";
import { withMinus } from "../draw/words";
import { usePage } from "../frame/page";
import { hasRows } from "../frame/run";
import { useStore } from "../store";
import { BestEpoch } from "./best_epoch";
import { Histogram } from "./histogram";
import { MOST_DASHED, RestartChart } from "./restart_chart";
import { RestartList } from "./restart_list";
import { useStage } from "./stage";
import "./restarts.css";

function Check({ of, children }: { of: Signal<boolean>; children: string }) {
  return (
    <label>
      <input type="checkbox" checked={of.value} onChange={(event) => (of.value = event.currentTarget.checked)} />{" "}
      {children}
    </label>
  );
}

/** How the curves are drawn, and the way back to the leader. */
export function RestartsBar() {
  const store = useStore();
  const { log, training } = usePage().curves;
  const settings = store.experiment.value?.message.settings;
  if (!settings) return null;
  const follows = settings.restart === -1;
  return (
    <div class="restarts-bar">
      <Check of={log}>log scale</Check>
      <Check of={training}>training loss</Check>
      {settings.restarts > 1 && (
        <button type="button" disabled={follows} onClick={() => store.set({ restart: -1 })}>
          {follows ? "follows the leader" : "back to the leader"}
        </button>
      )}
    </div>
  );
}

/** All descents at once: their curves, how their best losses are spread, and which one is looked at. */
export function RestartsView({ barAbove = false }: { barAbove?: boolean }) {
  const store = useStore();
  const { log, training } = usePage().curves;
  const experiment = store.experiment.value?.message;
  const race = store.picture.value?.message.race ?? [];
  if (!experiment) return null;
  const begun = (store.picture.value?.arrays.curve_epochs?.data.length ?? 0) > 0;
  const several = experiment.settings.restarts > 1;
  return (
    <div class="restarts-body">
      {!barAbove && <RestartsBar />}
      <Curves log={log.value} training={training.value} begun={begun} />
      <p class="restarts-legend">
        <span class="restarts-key restarts-key-shown" /> looked at <span class="restarts-key" />{" "}
        {several ? "others" : "validation"}{" "}
        {several && (
          <>
            <span class="restarts-key restarts-key-killed" /> killed (✕){" "}
          </>
        )}
        {training.value && (
          <>
            <span class="restarts-key restarts-key-dashed" /> training
            {experiment.settings.restarts > MOST_DASHED ? " (looked at)" : ""}
          </>
        )}
      </p>
      <BestEpoch />
      {several && <RestartList />}
      {begun && (
        <div class="restarts-below">
          {several && <Histogram log={log.value} />}
          <dl class="restarts-scores">
            {race.map(([head, words]) => (
              <div key={head + words}>
                {head && <dt>{head}</dt>}
                <dd>{withMinus(words)}</dd>
              </div>
            ))}
          </dl>
        </div>
      )}
    </div>
  );
}

function Curves({ log, training, begun }: { log: boolean; training: boolean; begun: boolean }) {
  const store = useStore();
  const place = useRef<HTMLDivElement>(null);
  const chart = useRef<RestartChart | null>(null);
  const stage = useStage(place);
  const learns = store.experiment.value !== null && hasRows(store.experiment.value.message);
  const show = () => {
    const [experiment, picture] = [store.experiment.value, store.picture.value];
    const curves = experiment && picture && curvesOf(experiment, picture, log, training);
    if (curves) chart.current?.show(curves);
  };
  useLayoutEffect(() => {
    if (!begun || stage === null || place.current === null) return;
    const made = new RestartChart(place.current, stage.width, stage.height, stage.look, log);
    chart.current = made;
    show();
    return () => made.destroy();
  }, [stage, log, begun]);
  useLayoutEffect(show, [training]);
  useSignalEffect(show);
  const click = (event: MouseEvent) => {
    const restart = chart.current?.restartAt(event) ?? -1;
    if (restart >= 0) store.set({ restart });
  };
  return (
    <div
      class="restarts-chart"
      ref={place}
      onClick={click}
      role="img"
      aria-label="Loss of each restart by epoch; the list below has the numbers"
    >
      {!begun && (
        <p class="restarts-none">
          {learns ? "No epoch is done yet: play, and the curves begin here." : "Without rows nothing is trained."}
        </p>
      )}
    </div>
  );
}
