import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { SteadyContext, steadyOf } from "./controls/setting";
import { Header } from "./frame/header";
import { Layout } from "./frame/layout";
import { createPage, PageContext, usePage } from "./frame/page";
import { saveFile } from "./frame/save";
import { useAddress } from "./frame/use-address";
import { useRoom, useTheme } from "./frame/use-looks";
import { useShortcuts } from "./frame/use-shortcuts";
import { AboutDialog } from "./panels/about";
import { Notes } from "./panels/notes";
import { ShareDialog } from "./panels/share";
import { ShortcutsDialog } from "./panels/shortcuts";
import { createUpload, UploadContext } from "./panels/upload";
import { useStore } from "./store";

function Dialogs() {
  const { dialog } = usePage();
  if (dialog.value === "about") return <AboutDialog />;
  if (dialog.value === "share") return <ShareDialog />;
  if (dialog.value === "shortcuts") return <ShortcutsDialog />;
  return null;
}

/** Whether files are being dragged over the page, and what the page does with them. */
function useDrop(take: (files: FileList | undefined) => void) {
  const [over, setOver] = useState(false);
  const drag = (event: DragEvent) => {
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    setOver(event.type === "dragover");
    if (event.type === "drop") take(event.dataTransfer.files);
  };
  const leave = (event: DragEvent) => {
    if (!(event.currentTarget as Element).contains(event.relatedTarget as Node | null)) setOver(false);
  };
  return { over, handlers: { onDragOver: drag, onDrop: drag, onDragLeave: leave } };
}

function Frame() {
  const store = useStore();
  const page = usePage();
  const root = useRef<HTMLDivElement>(null);
  const upload = useMemo(() => createUpload(store), [store]);
  const { over, handlers } = useDrop((files) => upload.take(files));
  const title = store.experiment.value?.message.title;
  useEffect(() => {
    if (store.host.kind === "page" && title !== undefined) document.title = `${title} · descend play`;
  }, [store, title]);
  useAddress(store, page);
  useRoom(page, root);
  useShortcuts(store, page, root);
  return (
    <UploadContext.Provider value={upload}>
      <div
        class="descend"
        ref={root}
        data-theme={useTheme(page)}
        data-talk={page.talk.value ? "" : undefined}
        data-host={store.host.kind}
        aria-busy={store.waiting.value}
        data-lm-suppress-shortcuts="true"
        {...(store.host.upload === null ? {} : handlers)}
      >
        <Header columns={page.columns.value} />
        <Notes />
        {store.experiment.value === null ? (
          <p class="waiting">Waiting for Python …</p>
        ) : (
          <Layout columns={page.columns.value} />
        )}
        {over && <div class="drop">Drop a table here to learn from it: CSV, Parquet …</div>}
        <Dialogs />
      </div>
    </UploadContext.Provider>
  );
}

export function App() {
  const store = useStore();
  const page = useMemo(createPage, []);
  const steady = useMemo(() => steadyOf(store), [store]);
  useEffect(() => steady.close, [steady]);
  useEffect(
    () =>
      store.onAnswer((message, arrays) => {
        if (message.type === "file") saveFile(message, arrays);
      }),
    [store],
  );
  return (
    <PageContext.Provider value={page}>
      <SteadyContext.Provider value={steady.change}>
        <Frame />
      </SteadyContext.Provider>
    </PageContext.Provider>
  );
}
