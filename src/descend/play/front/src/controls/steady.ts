import type { Settings } from "../protocol/messages";

type Changes = Partial<Settings>;

/**
 * Sends changes that come faster than they can be followed: at most one a frame, and none before the last was answered,
 * so that dragging a slider never leaves work behind. Of each setting the last value counts.
 */
export function steadySender(send: (changes: Changes) => void, atFrame: (callback: () => void) => void) {
  let changes: Changes = {};
  let planned = false;
  let unanswered = false;
  const plan = () => {
    if (planned || unanswered || Object.keys(changes).length === 0) return;
    planned = true;
    atFrame(() => {
      planned = false;
      unanswered = true;
      const sent = changes;
      changes = {};
      send(sent);
    });
  };
  return {
    change(more: Changes) {
      changes = { ...changes, ...more };
      plan();
    },
    answered() {
      unanswered = false;
      plan();
    },
  };
}
