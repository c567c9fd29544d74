import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { Icon } from "./icons";
import { useElementId, usePage } from "./page";

/** A window over the page; Escape, its cross and a click beside it close it, and the focus goes back. */
export function Dialog({ title, children }: { title: string; children: ComponentChildren }) {
  const { dialog } = usePage();
  const element = useRef<HTMLDialogElement>(null);
  const id = useElementId();
  const close = () => (dialog.value = "");
  useEffect(() => {
    const shown = element.current;
    shown?.showModal();
    return () => shown?.close();
  }, []);
  return (
    <dialog
      ref={element}
      aria-labelledby={id}
      onClose={close}
      onClick={(event) => event.target === event.currentTarget && close()}
    >
      <div class="dialog-head">
        <h2 id={id}>{title}</h2>
        <button type="button" class="only-icon quiet" aria-label="Close" onClick={close}>
          <Icon name="close" />
        </button>
      </div>
      <div class="dialog-body">{children}</div>
    </dialog>
  );
}
