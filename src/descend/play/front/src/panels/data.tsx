import { noteOf, Select, type Group } from "../controls/choice-field";
import { Field } from "../controls/field";
import { TypedNumber, giveNumber } from "../controls/number-field";
import { useSettings, useSteady } from "../controls/setting";
import { SliderField } from "../controls/slider-field";
import { stepped } from "../controls/values";
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
      <Field name="data">
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

function RowField() {
  const store = useStore();
  const steady = useSteady();
  const known = useSettings();
  if (known === null || known.experiment.rows.length === 0) return null;
  const bounds = { least: 0, most: Math.max(0, known.experiment.rows[0] - 1), whole: true };
  const { row } = known.settings;
  const step = (up: boolean) => steady({ row: stepped(row, up, "ones", bounds) });
  return (
    <Field name="row">
      {(named) => (
        <div class="stepper">
          <button type="button" aria-label="The row before" disabled={row <= bounds.least} onClick={() => step(false)}>
            −
          </button>
          <TypedNumber
            value={row}
            whole
            give={(typed) => giveNumber(store, "row", typed)}
            step={step}
            attributes={{ ...named, "aria-valuemin": bounds.least, "aria-valuemax": bounds.most }}
          />
          <button type="button" aria-label="The next row" disabled={row >= bounds.most} onClick={() => step(true)}>
            +
          </button>
        </div>
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
      <RowField />
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
