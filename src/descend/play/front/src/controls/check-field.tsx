import { useStore } from "../store";
import { Field } from "./field";
import { useSettings } from "./setting";

export function CheckField({ name }: { name: "race" | "straight_through" }) {
  const store = useStore();
  const known = useSettings();
  if (known === null) return null;
  const value = known.settings[name];
  const change = (box: HTMLInputElement) => {
    const { checked } = box;
    box.checked = value;
    store.set({ [name]: checked });
  };
  return (
    <Field name={name}>
      {(named) => (
        <input {...named} type="checkbox" checked={value} onChange={(event) => change(event.currentTarget)} />
      )}
    </Field>
  );
}
