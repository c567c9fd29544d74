import { useEffect, useState } from "preact/hooks";
import { short } from "../draw/numbers";
import { useStore } from "../store";
import { Field } from "./field";
import { useSettings, useSteady } from "./setting";
import { sliderScale } from "./values";

/** A number between two ends, dragged; what is dragged is seen at once and holds when Python has answered. */
export function SliderField({ name }: { name: "noise" | "samples" | "dropout" }) {
  const { experiment, refused } = useStore();
  const steady = useSteady();
  const known = useSettings();
  const [dragged, setDragged] = useState<number | null>(null);
  const [held, setHeld] = useState(false);
  useEffect(() => {
    if (!held) setDragged(null);
  }, [experiment.value, refused.value, held]);
  if (known === null) return null;
  const scale = sliderScale(known.boundsOf(name));
  const value = dragged ?? known.settings[name];
  const drag = (position: number) => {
    const next = scale.valueAt(position);
    setDragged(next);
    steady({ [name]: next });
  };
  return (
    <Field name={name}>
      {(named) => (
        <>
          <input
            {...named}
            type="range"
            min={0}
            max={1000}
            step={1}
            value={scale.at(value)}
            aria-valuetext={short(value)}
            onPointerDown={() => setHeld(true)}
            onPointerUp={() => setHeld(false)}
            onPointerCancel={() => setHeld(false)}
            onInput={(event) => drag(Number(event.currentTarget.value))}
          />
          <output>{short(value)}</output>
        </>
      )}
    </Field>
  );
}
