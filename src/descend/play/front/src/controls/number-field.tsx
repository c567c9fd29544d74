import { useEffect, useState } from "preact/hooks";
import { short } from "../draw/numbers";
import type { Settings } from "../protocol/messages";
import { useStore, type Store } from "../store";
import { Field } from "./field";
import { useSettings, useSteady } from "./setting";
import { numberOf, stepped, type Steps } from "./values";
import type { Worded } from "./words";

type NumberSetting = Worded & { [S in keyof Settings]: Settings[S] extends number ? S : never }[keyof Settings];

interface TypedNumberProps {
  value: number;
  whole: boolean;
  /** Takes what was typed; NaN where it was no number. */
  give(value: number): void;
  step(up: boolean): void;
  attributes: object;
}

const asTyped = (value: number) => String(value);

/** A number that can be typed: it is sent at Enter or when the focus goes; ↑ and ↓ step; Escape takes it back. */
export function TypedNumber({ value, whole, give, step, attributes }: TypedNumberProps) {
  const { experiment, refused } = useStore();
  const [draft, setDraft] = useState<string | null>(null);
  useEffect(() => setDraft(null), [experiment.value, refused.value]);
  const send = () => {
    if (draft !== null && draft !== asTyped(value)) give(numberOf(draft));
    else setDraft(null);
  };
  const press = (event: KeyboardEvent) => {
    if (event.key === "Enter") send();
    if (event.key === "Escape") setDraft(null);
    if (event.key === "ArrowUp" || event.key === "ArrowDown") {
      event.preventDefault();
      step(event.key === "ArrowUp");
    }
  };
  return (
    <input
      {...attributes}
      type="text"
      role="spinbutton"
      inputMode={whole ? "numeric" : "decimal"}
      autocomplete="off"
      spellcheck={false}
      aria-valuenow={value}
      aria-valuetext={short(value)}
      value={draft ?? asTyped(value)}
      onInput={(event) => setDraft(event.currentTarget.value)}
      onBlur={send}
      onKeyDown={press}
    />
  );
}

/** Sends a number; what is none is refused here, as it could not be written to Python. */
export function giveNumber(store: Store, name: NumberSetting, typed: number): void {
  if (Number.isFinite(typed)) store.set({ [name]: typed });
  else
    store.refused.value = {
      type: "refused",
      setting: name,
      text: "This is not a number. Type one, such as 3 or 0.05.",
    };
}

interface NumberFieldProps {
  name: NumberSetting;
  steps: Steps;
  children?: preact.ComponentChildren;
}

export function NumberField({ name, steps, children }: NumberFieldProps) {
  const store = useStore();
  const steady = useSteady();
  const known = useSettings();
  if (known === null) return null;
  const value = known.settings[name];
  const bounds = known.boundsOf(name);
  return (
    <Field name={name}>
      {(named) => (
        <>
          <TypedNumber
            value={value}
            whole={bounds.whole}
            give={(typed) => giveNumber(store, name, typed)}
            step={(up) => steady({ [name]: stepped(value, up, steps, bounds) })}
            attributes={{ ...named, "aria-valuemin": bounds.least, "aria-valuemax": bounds.most }}
          />
          {children}
        </>
      )}
    </Field>
  );
}
