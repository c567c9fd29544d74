import { useContext } from "preact/hooks";
import { isWorded } from "../controls/words";
import { addressOf } from "../frame/use-address";
import { Icon } from "../frame/icons";
import { usePage } from "../frame/page";
import { commandOf } from "../frame/address";
import { useStore } from "../store";
import { UploadContext } from "./upload";

const MOST_NOTES = 3;

function Strip({
  kind,
  role,
  close,
  children,
}: {
  kind: string;
  role: "alert" | "status";
  close?: () => void;
  children: preact.ComponentChildren;
}) {
  return (
    <div class={`strip ${kind}`} role={role}>
      <div class="strip-words">{children}</div>
      {close !== undefined && (
        <button type="button" class="only-icon quiet" aria-label="Close this note" onClick={close}>
          <Icon name="close" />
        </button>
      )}
    </div>
  );
}

function Lost() {
  const store = useStore();
  const page = usePage();
  if (store.cut.value === null) return null;
  return (
    <Strip kind="lost" role="alert">
      <b>The connection to Python is lost.</b> {store.cut.value} What you see stands still. If <code>descend play</code>{" "}
      still runs in its terminal,{" "}
      <button type="button" onClick={() => location.reload()}>
        load this page again
      </button>
      ; if not, start it again with this experiment: <code>{commandOf(addressOf(store, page))}</code>
    </Strip>
  );
}

/** A refusal whose control is not to be seen. */
function Refusal() {
  const { refused } = useStore();
  const page = usePage();
  if (refused.value === null) return null;
  const { setting, text } = refused.value;
  const besideItsControl = isWorded(setting) && (page.columns.value || page.view.value === "settings");
  if (besideItsControl) return null;
  return (
    <Strip kind="refused" role="alert" close={() => (refused.value = null)}>
      {text}
    </Strip>
  );
}

/** What became of a file that was dropped where its button is not to be seen. */
function Uploading() {
  const upload = useContext(UploadContext);
  const page = usePage();
  if (upload === null || page.columns.value || page.view.value === "settings") return null;
  if (upload.busy.value !== "") {
    return (
      <Strip kind="said" role="status">
        Reading {upload.busy.value} …
      </Strip>
    );
  }
  if (upload.wrong.value === "") return null;
  return (
    <Strip kind="refused" role="alert" close={() => (upload.wrong.value = "")}>
      {upload.wrong.value}
    </Strip>
  );
}

function Edited() {
  const { picture } = useStore();
  if (picture.value?.message.edited !== true) return null;
  return (
    <Strip kind="said" role="status">
      Weights were set by hand in the middle of the run: a link gives the experiment without them. Rewind to begin anew.
    </Strip>
  );
}

/** What Python said, the newest last; older ones show when the newer ones are closed. */
function Said() {
  const { notes } = useStore();
  const first = Math.max(0, notes.value.length - MOST_NOTES);
  return (
    <>
      {notes.value.slice(first).map((text, i) => (
        <Strip
          key={first + i}
          kind="said"
          role="status"
          close={() => (notes.value = notes.value.filter((_, at) => at !== first + i))}
        >
          {text}
        </Strip>
      ))}
    </>
  );
}

function Look() {
  const { look } = usePage();
  if (look.value === "") return null;
  return (
    <Strip kind="look" role="status" close={() => (look.value = "")}>
      {look.value}
    </Strip>
  );
}

export function Notes() {
  return (
    <div class="notes">
      <Lost />
      <Refusal />
      <Uploading />
      <Look />
      <Edited />
      <Said />
    </div>
  );
}
