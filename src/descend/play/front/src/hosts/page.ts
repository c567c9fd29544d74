import { parseFrame, type Arrays } from "../protocol/frames";
import type { FromPython, ToPython } from "../protocol/messages";
import type { Host } from "./host";

/** The host of `descend play`: the token is part of the page's own path, so that every relative address carries it. */
export function pageHost(): Host {
  const messages = new Set<(message: FromPython, arrays: Arrays) => void>();
  const connections = new Set<(connected: boolean, why: string) => void>();
  const waiting: string[] = [];
  const name = newName();
  const address = new URL(`ws?page=${name}`, location.href);
  address.protocol = location.protocol === "https:" ? "wss:" : "ws:";
  address.hash = "";
  const socket = new WebSocket(address);
  socket.binaryType = "arraybuffer";
  socket.onopen = () => {
    for (const callback of connections) callback(true, "");
    socket.send(JSON.stringify({ type: "hello", address: location.hash.slice(1) }));
    for (const text of waiting.splice(0)) socket.send(text);
  };
  socket.onmessage = (event: MessageEvent<ArrayBuffer>) => {
    const { message, arrays } = parseFrame(event.data);
    for (const callback of messages) callback(message as FromPython, arrays);
    if ((message as FromPython).type === "picture") requestAnimationFrame(() => send({ type: "taken" }));
  };
  socket.onclose = (event) => {
    for (const callback of connections) callback(false, event.reason);
  };
  const send = (message: ToPython) => {
    const text = JSON.stringify(message);
    if (socket.readyState === WebSocket.OPEN) socket.send(text);
    else waiting.push(text);
  };
  return {
    kind: "page",
    send,
    onMessage: (callback) => {
      messages.add(callback);
      return () => messages.delete(callback);
    },
    onConnection: (callback) => {
      connections.add(callback);
      return () => connections.delete(callback);
    },
    upload: async (file) => {
      const answer = await fetch(`upload?page=${name}&name=${encodeURIComponent(file.name)}`, { method: "POST", body: file });
      if (!answer.ok) throw new Error(await answer.text());
    },
  };
}

/** 32 hexadecimal digits: which of the server's pages this is. */
function newName(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
