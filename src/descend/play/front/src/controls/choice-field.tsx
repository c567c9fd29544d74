import type { Choice } from "../protocol/messages";
import { useStore } from "../store";
import { Field } from "./field";
import { useSettings } from "./setting";

export interface Group {
  title: string;
  choices: Choice[];
}

interface SelectProps {
  choices: Choice[];
  /** The choices under headings. */
  groups?: Group[];
  value: string;
  choose(value: string): void;
  attributes: object;
}

/** One of several values by their words; a refused choice falls back to what holds. */
export function Select({ choices, groups, value, choose, attributes }: SelectProps) {
  const change = (select: HTMLSelectElement) => {
    const chosen = select.value;
    select.value = value;
    choose(chosen);
  };
  return (
    <select {...attributes} value={value} onChange={(event) => change(event.currentTarget)}>
      {groups === undefined ? (
        <Options choices={choices} />
      ) : (
        groups.map((group) => (
          <optgroup key={group.title} label={group.title}>
            <Options choices={group.choices} />
          </optgroup>
        ))
      )}
    </select>
  );
}

function Options({ choices }: { choices: Choice[] }) {
  return (
    <>
      {choices.map((choice) => (
        <option key={choice.value} value={choice.value}>
          {choice.label}
        </option>
      ))}
    </>
  );
}

export function noteOf(choices: Choice[], value: string): string {
  return choices.find((choice) => choice.value === value)?.note ?? "";
}

/** The chosen value with its explanation: "SGD: W ← W − η ∂L/∂W". */
function describedOf(choices: Choice[], value: string): string {
  const chosen = choices.find((choice) => choice.value === value);
  return chosen === undefined || chosen.note === "" ? "" : `${chosen.label}: ${chosen.note}`;
}

export function ChoiceField({ name }: { name: "init" | "loss" | "schedule" | "optimizer" }) {
  const store = useStore();
  const known = useSettings();
  if (known === null) return null;
  const choices = known.choicesOf(name);
  const value = known.settings[name];
  return (
    <Field name={name} note={describedOf(choices, value)}>
      {(named) => (
        <Select choices={choices} value={value} choose={(chosen) => store.set({ [name]: chosen })} attributes={named} />
      )}
    </Field>
  );
}
