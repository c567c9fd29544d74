import type { ComponentChildren } from "preact";
import { createContext } from "preact";
import { useContext } from "preact/hooks";
import { useElementId } from "../frame/page";
import { useStore } from "../store";
import { Formula } from "../views/formula";
import { Symbol } from "./symbol";
import { WORDS, type Words, type Worded } from "./words";

/** Whether the panel around says in a sentence what each of its controls does. */
export const HelpContext = createContext(false);

/** What a control needs to be named and explained to those who do not see it. */
export interface Named {
  id: string;
  "aria-describedby": string;
  "aria-invalid": boolean;
}

interface FieldProps {
  name: Worded;
  /** Where one setting has several controls: the one that is meant. */
  label?: string;
  note?: string;
  /** The control needs the whole line; the panel's title names it. */
  wide?: boolean;
  children(named: Named): ComponentChildren;
}

/** A control with its name, symbol, help, and beside it the words of its refusal. */
export function Field({ name, label, note = "", wide = false, children }: FieldProps) {
  const { refused } = useStore();
  const helped = useContext(HelpContext);
  const id = useElementId();
  const words: Words = WORDS[name];
  const refusal = refused.value?.setting === name ? refused.value.text : "";
  return (
    <div class={wide ? "field wide" : "field"} data-setting={name}>
      <label for={id} title={words.help} class={wide ? "unseen" : undefined}>
        {label ?? words.label}
        {words.symbol !== undefined && <Symbol text={words.symbol} />}
      </label>
      <div class="field-control">
        {children({ id, "aria-describedby": `${id}-help ${id}-refusal`, "aria-invalid": refusal !== "" })}
      </div>
      <p class={helped ? "help" : "unseen"} id={`${id}-help`}>
        {words.help}{" "}
        {note !== "" && (
          <span class="choice-note">
            <Formula text={note} />
          </span>
        )}
      </p>
      <p class="refusal" id={`${id}-refusal`} role="alert">
        {refusal}
      </p>
    </div>
  );
}
