import type { FromPython, ToPython } from "../protocol/messages";
import type { Arrays } from "../protocol/frames";

/** Who carries messages between the page and Python: a WebSocket, or a notebook. */
export interface Host {
  kind: "page" | "notebook";
  send(message: ToPython): void;
  /** Called for each message from Python; the answer takes the callback away again. */
  onMessage(callback: (message: FromPython, arrays: Arrays) => void): () => void;
  /** Called when the connection comes and goes; a notebook's is always there. */
  onConnection(callback: (connected: boolean, why: string) => void): () => void;
  /** Hands a file of the user to Python; null where none can be. The promise is rejected with words for the user. */
  upload: ((file: File) => Promise<void>) | null;
}
