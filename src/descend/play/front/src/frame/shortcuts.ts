export type Shortcut = "play" | "epoch" | "round" | "rewind" | "shortcuts" | "talk" | "lessons" | "leave";

export interface Key {
  key: string;
  does: Shortcut;
  words: string;
}

export const KEYS: Key[] = [
  { key: " ", does: "play", words: "play, pause" },
  { key: "e", does: "epoch", words: "one epoch" },
  { key: "r", does: "round", words: "one round" },
  { key: "Home", does: "rewind", words: "back to the same starting weights" },
  { key: "l", does: "lessons", words: "open or close the lessons" },
  { key: "p", does: "talk", words: "presentation mode: large type, one view at a time" },
  { key: "Escape", does: "leave", words: "out of presentation mode" },
  { key: "?", does: "shortcuts", words: "this list" },
];

/** What has the focus: its element's name, its role, and whether its text can be edited. */
export interface Focused {
  tag: string;
  role: string | null;
  editable: boolean;
  insideDialog: boolean;
}

const TYPING = ["INPUT", "TEXTAREA", "SELECT"];
const PRESSED_BY_SPACE = ["BUTTON", "SUMMARY", "A"];
const MOVED_BY_HOME = ["tab", "slider", "spinbutton", "option"];

/** The shortcut that a key means where the focus is, or null: whoever types or presses a button is left alone. */
export function shortcutOf(key: string, modified: boolean, focused: Focused): Shortcut | null {
  if (modified || focused.editable || focused.insideDialog || TYPING.includes(focused.tag)) return null;
  if (key === " " && (PRESSED_BY_SPACE.includes(focused.tag) || focused.role !== null)) return null;
  if (key === "Home" && focused.role !== null && MOVED_BY_HOME.includes(focused.role)) return null;
  return KEYS.find((known) => known.key === key)?.does ?? null;
}
