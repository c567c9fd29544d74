import { useEffect, useRef } from "preact/hooks";
import { CheckField } from "../controls/check-field";
import { ChoiceField } from "../controls/choice-field";
import { NumberField } from "../controls/number-field";
import { useSettings } from "../controls/setting";
import { SliderField } from "../controls/slider-field";
import { useStore } from "../store";
import { Panel } from "./panel";

export function TrainingPanel() {
  const known = useSettings();
  if (known === null) return null;
  return (
    <Panel title="Training">
      <ChoiceField name="loss" />
      <NumberField name="learning_rate" steps="ladder" />
      <ChoiceField name="schedule" />
      <NumberField name="batch_size" steps="ladder" />
      <ChoiceField name="optimizer" />
      <NumberField name="l2" steps="ladder" />
      <SliderField name="dropout" />
      <NumberField name="restarts" steps="ladder" />
      <CheckField name="race" />
      <NumberField name="epochs" steps="ladder" />
    </Panel>
  );
}

/** Back-propagation against finite differences, at the weights that are shown. */
export function GradientPanel() {
  const store = useStore();
  const check = store.gradientCheck.value;
  const answer = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (check !== null) answer.current?.scrollIntoView({ block: "nearest" });
  }, [check]);
  return (
    <Panel title="Is the gradient right?" helps={false}>
      <p class="note">Compares back-propagation with finite differences: each weight moved a little up and down.</p>
      <button type="button" onClick={() => store.ask("gradient_check")}>
        Check the gradient
      </button>
      <div role="status" ref={answer} class={check?.passed === false ? "check failed" : "check"}>
        {check?.words.map((line) => (
          <p key={line}>{line}</p>
        ))}
      </div>
    </Panel>
  );
}
