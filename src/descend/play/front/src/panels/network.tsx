import { CheckField } from "../controls/check-field";
import { ChoiceField, noteOf, Select } from "../controls/choice-field";
import { Field } from "../controls/field";
import { NumberField, TypedNumber } from "../controls/number-field";
import { useSettings } from "../controls/setting";
import { Icon } from "../frame/icons";
import { useStore, type Store } from "../store";
import type { Choice, Settings } from "../protocol/messages";
import { Formula } from "../views/formula";
import { Panel } from "./panel";

const SEEDS = 10_000;

/** Other layers; activations go with them, one for each hidden layer. */
export function withLayers(settings: Settings, hidden: number[]): Partial<Settings> {
  const last = settings.activation.at(-1) ?? "tanh";
  return { hidden, activation: hidden.map((_, layer) => settings.activation[layer] ?? last) };
}

function replaced<T>(list: T[], at: number, value: T): T[] {
  return list.map((old, i) => (i === at ? value : old));
}

function setWidth(store: Store, settings: Settings, layer: number, width: number): void {
  if (Number.isFinite(width)) store.set({ hidden: replaced(settings.hidden, layer, width) });
  else
    store.refused.value = {
      type: "refused",
      setting: "hidden",
      text: "This is not a number of nodes. Type one, such as 4.",
    };
}

function Width({ settings, layer }: { settings: Settings; layer: number }) {
  const store = useStore();
  const width = settings.hidden[layer];
  const words = `nodes of hidden layer ${layer + 1}`;
  const give = (next: number) => setWidth(store, settings, layer, next);
  return (
    <div class="stepper">
      <button type="button" aria-label={`Fewer ${words}`} disabled={width <= 1} onClick={() => give(width - 1)}>
        −
      </button>
      <TypedNumber
        value={width}
        whole
        give={give}
        step={(up) => (up || width > 1) && give(width + (up ? 1 : -1))}
        attributes={{ "aria-label": `Number of ${words}`, "aria-valuemin": 1 }}
      />
      <button type="button" aria-label={`More ${words}`} onClick={() => give(width + 1)}>
        +
      </button>
    </div>
  );
}

function Layer({ settings, layer, choices }: { settings: Settings; layer: number; choices: Choice[] }) {
  const store = useStore();
  const sigma = settings.activation[layer];
  const choose = (chosen: string) => store.set({ activation: replaced(settings.activation, layer, chosen) });
  return (
    <li class="layer">
      <span class="layer-name">{layer + 1}</span>
      <Width settings={settings} layer={layer} />
      <Select
        choices={choices}
        value={sigma}
        choose={choose}
        attributes={{ "aria-label": `Activation σ of hidden layer ${layer + 1}` }}
      />
      <p class="note">
        <Formula text={noteOf(choices, sigma)} />
      </p>
    </li>
  );
}

function Layers() {
  const store = useStore();
  const known = useSettings();
  if (known === null) return null;
  const { settings, experiment } = known;
  const { hidden } = settings;
  const change = (next: number[]) => store.set(withLayers(settings, next));
  return (
    <>
      <Field name="hidden" label="Hidden">
        {(named) => (
          <div class="stepper" role="group" aria-describedby={named["aria-describedby"]}>
            <button
              type="button"
              aria-label="One layer less"
              disabled={hidden.length === 0}
              onClick={() => change(hidden.slice(0, -1))}
            >
              −
            </button>
            <output id={named.id}>{hidden.length}</output>
            <button type="button" aria-label="One layer more" onClick={() => change([...hidden, hidden.at(-1) ?? 4])}>
              +
            </button>
          </div>
        )}
      </Field>
      <p class="note">{experiment.sizes.join(" – ")} nodes, from input to output</p>
      <ol class="layers">
        {hidden.map((_, layer) => (
          <Layer key={layer} settings={settings} layer={layer} choices={known.choicesOf("activation")} />
        ))}
      </ol>
      <ActivationRefusal />
    </>
  );
}

function ActivationRefusal() {
  const { refused } = useStore();
  return (
    <p class="refusal" role="alert">
      {refused.value?.setting === "activation" ? refused.value.text : ""}
    </p>
  );
}

function MemberField() {
  const store = useStore();
  const known = useSettings();
  if (known === null || known.experiment.members.length < 2) return null;
  const choices = known.experiment.members.map((label, i) => ({ value: String(i), label, note: "" }));
  return (
    <Field name="member">
      {(named) => (
        <Select
          choices={choices}
          value={String(known.settings.member)}
          choose={(chosen) => store.set({ member: Number(chosen) })}
          attributes={named}
        />
      )}
    </Field>
  );
}

function SeedField() {
  const store = useStore();
  const throwDice = () => store.set({ seed: Math.floor(Math.random() * SEEDS) });
  return (
    <NumberField name="seed" steps="ones">
      <button
        type="button"
        class="only-icon"
        aria-label="Another seed, at random"
        title="Another seed"
        onClick={throwDice}
      >
        <Icon name="dice" />
      </button>
    </NumberField>
  );
}

export function NetworkPanel() {
  const known = useSettings();
  if (known === null) return null;
  return (
    <Panel title="Network">
      <MemberField />
      <Layers />
      {known.settings.activation.includes("step") && <CheckField name="straight_through" />}
      <NumberField name="bias" steps="ladder" />
      <ChoiceField name="init" />
      <SeedField />
    </Panel>
  );
}
