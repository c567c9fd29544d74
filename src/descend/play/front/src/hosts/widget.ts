import { arraysOfBuffers, type ArrayHead, type Arrays } from "../protocol/frames";
import type { FromPython } from "../protocol/messages";
import type { Host } from "./host";

/** What anywidget hands over, as far as it is used here. */
export interface AnyModel {
  send(content: unknown): void;
  on(event: "msg:custom", callback: (content: unknown, buffers: ArrayBufferView[]) => void): void;
  off(event: "msg:custom", callback: (content: unknown, buffers: ArrayBufferView[]) => void): void;
}

/** The host of a notebook: custom messages of a widget. */
export function notebookHost(model: AnyModel): Host {
  const host: Host = {
    kind: "notebook",
    send: (message) => model.send(message),
    onMessage: (callback: (message: FromPython, arrays: Arrays) => void) => {
      const hear = (content: unknown, buffers: ArrayBufferView[]) => {
        const message = content as FromPython & { arrays?: ArrayHead[] };
        callback(message, arraysOfBuffers(message.arrays ?? [], buffers));
        if (message.type === "picture") requestAnimationFrame(() => host.send({ type: "taken" }));
      };
      model.on("msg:custom", hear);
      host.send({ type: "hello", address: "" });
      return () => model.off("msg:custom", hear);
    },
    onConnection: (callback) => {
      callback(true, "");
      return () => undefined;
    },
    upload: null,
  };
  return host;
}
