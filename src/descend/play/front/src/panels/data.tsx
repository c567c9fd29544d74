import { noteOf, Select, type Group } from "../controls/choice-field";
import { Field } from "../controls/field";
import { useSettings } from "../controls/setting";
import { SliderField } from "../controls/slider-field";
import type { Choice } from "../protocol/messages";
import { useStore } from "../store";
import { Facts, Panel } from "./panel";
import { UploadButton } from "./upload";

function groupOf(data: string): string {
  if (data === "own") return "Yours";
  return data.startsWith("table:") ? "Tables" : "Made";
}

export function grouped(choices: Choice[]): Group[] {
  const titles = [...new Set(choices.map((choice) => groupOf(choice.value)))];
  return titles.map((title) => ({ title, choices: choices.filter((choice) => groupOf(choice.value) === title) }));
}

function DataField() {
  const store = useStore();
  const known = useSettings();
  if (known === null) return null;
  const choices = known.choicesOf("data");
  const { data } = known.settings;
  return (
    <>
      <Field name="data" wide>
        {(named) => (
          <Select
            choices={choices}
            groups={grouped(choices)}
            value={data}
            choose={(chosen) => store.set({ data: chosen })}
            attributes={named}
          />
        )}
      </Field>
      <p class="note">{noteOf(choices, data)}</p>
    </>
  );
}

function TargetField() {
  const store = useStore();
  const known = useSettings();
  if (known === null || known.experiment.targets.length === 0) return null;
  const choices: Choice[] = known.experiment.targets.map((value) => ({ value, label: value, note: "" }));
  return (
    <Field name="target">
      {(named) => (
        <Select
          choices={choices}
          value={known.settings.target}
          choose={(target) => store.set({ target })}
          attributes={named}
        />
      )}
    </Field>
  );
}

export function DataPanel() {
  const known = useSettings();
  if (known === null) return null;
  const made = groupOf(known.settings.data) === "Made";
  return (
    <Panel title="Data">
      <DataField />
      <UploadButton />
      <TargetField />
      {made && <SliderField name="noise" />}
      {made && <SliderField name="samples" />}
    </Panel>
  );
}

/** What there is to say of rows, network and run. */
export function FactsPanel() {
  const { experiment } = useStore();
  const facts = experiment.value?.message.facts ?? [];
  if (facts.length === 0) return null;
  return (
    <Panel title="In words" helps={false} closed>
      <Facts facts={facts} />
    </Panel>
  );
}
