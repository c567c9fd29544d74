import { signal, type Signal } from "@preact/signals";
import { createContext } from "preact";
import { useContext, useRef } from "preact/hooks";
import type { Store } from "../store";
import { useStore } from "../store";

/** A file on its way to Python, or what is wrong with the last one. */
export interface Upload {
  busy: Signal<string>;
  wrong: Signal<string>;
  take(files: FileList | null | undefined): Promise<void>;
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toPrecision(3)} MB`;
}

/** Why these files cannot be taken, or "". */
export function whyNot(files: { name: string; size: number }[], most: number): string {
  if (files.length > 1) return `These are ${files.length} files. Give one table at a time.`;
  const [file] = files;
  if (file.size === 0) return `${file.name} is empty. Give a table with a row of names and at least a few rows.`;
  if (file.size > most)
    return `${file.name} has ${megabytes(file.size)}; an upload may have ${megabytes(most)}. Name the file to the command instead: descend play FILE`;
  return "";
}

export function createUpload(store: Store): Upload {
  const busy = signal("");
  const wrong = signal("");
  const take = async (files: FileList | null | undefined) => {
    const given = [...(files ?? [])];
    if (given.length === 0 || store.host.upload === null) return;
    wrong.value = whyNot(given, store.welcome.value?.upload_bytes ?? 0);
    if (wrong.value !== "") return;
    busy.value = given[0].name;
    try {
      await store.host.upload(given[0]);
    } catch (error) {
      wrong.value = error instanceof Error ? error.message : String(error);
    }
    busy.value = "";
  };
  return { busy, wrong, take };
}

export const UploadContext = createContext<Upload | null>(null);

export function UploadButton() {
  const { host, welcome } = useStore();
  const upload = useContext(UploadContext);
  const picker = useRef<HTMLInputElement>(null);
  if (host.upload === null || upload === null || !welcome.value?.upload_bytes) return null;
  const picked = async (input: HTMLInputElement) => {
    await upload.take(input.files);
    input.value = "";
  };
  return (
    <div class="upload">
      <input
        type="file"
        class="unseen"
        tabIndex={-1}
        aria-hidden="true"
        ref={picker}
        onChange={(event) => picked(event.currentTarget)}
      />
      <button type="button" disabled={upload.busy.value !== ""} onClick={() => picker.current?.click()}>
        {upload.busy.value === "" ? "Your own table or model …" : `Reading ${upload.busy.value} …`}
      </button>
      <p class="refusal" role="alert">
        {upload.wrong.value}
      </p>
    </div>
  );
}
