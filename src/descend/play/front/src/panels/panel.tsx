import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { HelpContext } from "../controls/field";
import { useElementId } from "../frame/page";

interface PanelProps {
  title: string;
  /** Whether its controls can say what they do. */
  helps?: boolean;
  closed?: boolean;
  children: ComponentChildren;
}

/** A group of controls that can be closed, and whose controls say in a sentence what they do when asked. */
export function Panel({ title, helps = true, closed = false, children }: PanelProps) {
  const [open, setOpen] = useState(!closed);
  const [helped, setHelped] = useState(false);
  const id = useElementId();
  return (
    <section class="card panel" aria-labelledby={id}>
      <div class="card-head">
        <h2 id={id}>
          <button type="button" class="fold" aria-expanded={open} onClick={() => setOpen(!open)}>
            {title}
          </button>
        </h2>
        {helps && open && (
          <button
            type="button"
            class="quiet help-switch"
            aria-pressed={helped}
            aria-label={`What do the controls of ${title} do?`}
            title="What do these do?"
            onClick={() => setHelped(!helped)}
          >
            ?
          </button>
        )}
      </div>
      {open && (
        <HelpContext.Provider value={helped}>
          <div class="panel-body">{children}</div>
        </HelpContext.Provider>
      )}
    </section>
  );
}

/** Pairs of a head and words. */
export function Facts({ facts }: { facts: string[][] }) {
  if (facts.length === 0) return null;
  return (
    <dl class="facts">
      {facts.map(([head, words]) => (
        <div key={head}>
          <dt>{head}</dt>
          <dd>{words}</dd>
        </div>
      ))}
    </dl>
  );
}
