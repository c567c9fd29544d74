import { useRef, useState } from "preact/hooks";
import { commandOf } from "../frame/address";
import { Dialog } from "../frame/dialog";
import { usePage } from "../frame/page";
import { savePng, saveSvg } from "../frame/save";
import { addressOf } from "../frame/use-address";
import { useStore } from "../store";
import { pictureSVG } from "../views";
import { BestEpoch } from "../views/best_epoch";

/** Text to be taken along; where the browser does not let the page copy, it is marked for Ctrl+C. */
function Copied({ label, text }: { label: string; text: string }) {
  const field = useRef<HTMLInputElement>(null);
  const [done, setDone] = useState("");
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
      setDone("Copied.");
    } catch {
      field.current?.select();
      setDone("Press Ctrl+C.");
    }
  };
  return (
    <div class="copied">
      <label>
        {label}
        <input type="text" readOnly ref={field} value={text} onFocus={(event) => event.currentTarget.select()} />
      </label>
      <button type="button" aria-label={`Copy: ${label}`} onClick={copy}>
        Copy
      </button>
      <span role="status">{done}</span>
    </div>
  );
}

function Downloads() {
  const store = useStore();
  const [wrong, setWrong] = useState("");
  const picture = async (save: (svg: string, name: string) => void | Promise<void>, name: string) => {
    try {
      setWrong("");
      await save(pictureSVG(store), name);
    } catch (error) {
      setWrong(`The picture could not be made: ${error instanceof Error ? error.message : String(error)}.`);
    }
  };
  return (
    <>
      <div class="downloads">
        <button type="button" onClick={() => store.ask("model")}>
          Model
        </button>
        <button type="button" onClick={() => store.ask("weights")}>
          Weights (JSON)
        </button>
        <button type="button" onClick={() => store.ask("trace")}>
          Trace (JSON lines)
        </button>
        <button type="button" onClick={() => picture(saveSvg, "network.svg")}>
          Picture (SVG)
        </button>
        <button type="button" onClick={() => picture(savePng, "network.png")}>
          Picture (PNG)
        </button>
      </div>
      <p class="refusal" role="alert">
        {wrong}
      </p>
    </>
  );
}

/** Which weights a download has. */
function Shown() {
  const picture = useStore().picture.value?.message;
  if (!picture) return null;
  return (
    <p>
      Of what is shown: restart {picture.restart} after epoch {picture.shown_epoch.toLocaleString("en")}. <BestEpoch />
    </p>
  );
}

/** The link of the experiment, and what can be taken from it. */
export function ShareDialog() {
  const store = useStore();
  const address = addressOf(store, usePage());
  return (
    <Dialog title="Link and downloads">
      <p>
        The experiment is its link: the same settings and seed give the same numbers, to the last bit, on any machine.
      </p>
      <Copied label="For a terminal" text={commandOf(address)} />
      <Copied label="For the address of an open page" text={`#${address}`} />
      <h3>Downloads</h3>
      <Shown />
      <Downloads />
    </Dialog>
  );
}
