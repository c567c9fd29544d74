// Written by tools/play_messages.py from src/descend/play/messages/; change that, not this.

/** An experiment in words: what the page's controls show and the address holds; checked by `settings.py`. */
export interface Settings {
  data: string;
  noise: number;
  samples: number;
  target: string;
  hidden: number[];
  activation: string[];
  straight_through: boolean;
  bias: number;
  init: string;
  seed: number;
  loss: string;
  learning_rate: number;
  schedule: string;
  batch_size: number;
  optimizer: string;
  l2: number;
  dropout: number;
  epochs: number;
  restarts: number;
  race: boolean;
  speed: number;
  row: number;
  restart: number;
  member: number;
  edits: number[][];
}

/** A page is there; `address` is its ``#…`` part, "" if it has none. */
export interface Hello {
  address: string;
  type: "hello";
}

/** Other values of some settings (names of `Settings`). Those of the network or the rows begin a new run. */
export interface Set {
  settings: Record<string, unknown>;
  type: "set";
}

/** What the training shall do: go, stop, one epoch, one round, back to the same starting weights. */
export interface Run {
  action: "play" | "pause" | "epoch" | "round" | "rewind";
  type: "run";
}

/** Show the weights of an epoch that was kept; −1: those of now; −2: those of the restart's lowest loss. */
export interface Travel {
  epoch: number;
  type: "travel";
}

/** Set one weight W_layer[from_node, to_node] of the restart looked at; the bias node is from_node = n_layer. */
export interface Edit {
  layer: number;
  from_node: number;
  to_node: number;
  weight: number;
  type: "edit";
}

/** Ask for a `round`, a `gradient_check`, the `numbers` of a node or edge, or a `file`. */
export interface Ask {
  what: "round" | "gradient_check" | "node" | "edge" | "model" | "trace" | "weights";
  layer: number;
  from_node: number;
  to_node: number;
  type: "ask";
}

/** The last picture is drawn; the next may come. The host hears it, not the session. */
export interface Taken {
  type: "taken";
}

/** What is seen now as an SVG, which a notebook keeps. The host hears it, not the session. */
export interface Still {
  svg: string;
  type: "still";
}

/** One value that a setting may take: its name, its words, a longer explanation (a formula, a source). */
export interface Choice {
  value: string;
  label: string;
  note: string;
}

/** The range of a setting that is a number. */
export interface Bounds {
  least: number;
  most: number;
  whole: boolean;
}

/** A guided one: what is set, what to do, what should be seen; texts are plain, paragraphs are list entries. */
export interface Lesson {
  name: string;
  title: string;
  text: string[];
  todo: string[];
  seen: string;
  settings: Record<string, unknown>;
  view: string;
}

/** All that may be chosen. */
export interface Welcome {
  version: string;
  host: "page" | "notebook";
  defaults: Settings;
  choices: Record<string, Choice[]>;
  bounds: Record<string, Bounds>;
  lessons: Lesson[];
  upload_bytes: number;
  type: "welcome";
}

/** What is learnt, by which network. */
export interface Experiment {
  settings: Settings;
  address: string;
  title: string;
  kind: "plane" | "curve" | "table";
  task: "classes" | "numbers";
  targets: string[];
  classes: string[];
  sizes: number[];
  activations: string[];
  bias: number[];
  inputs: string[];
  outputs: string[];
  loss: string;
  trainable: boolean;
  rows: number[];
  choosable: number;
  extent: number[];
  rounds_per_epoch: number;
  race_epochs: number[];
  members: string[];
  facts: string[][];
  type: "experiment";
}

/** Where the training stands, and what the restart that is looked at looks like. */
export interface Picture {
  running: boolean;
  finished: boolean;
  epoch: number;
  round: number;
  shown_epoch: number;
  kept: number[];
  best_epoch: number;
  restart: number;
  winner: number;
  status: string[];
  loss: number | null;
  edited: boolean;
  chosen: string[][];
  answer: string;
  judged: string;
  scores: string[][];
  race: string[][];
  type: "picture";
}

/** One step of the walk through a round: what is lit, the formula, the lines with the numbers plugged in. */
export interface Step {
  part: string;
  layer: number;
  title: string;
  lines: string[];
}

/** One round of SGD on the chosen row, from the weights shown. Nothing is changed by looking at it. */
export interface Round {
  row: number;
  restart: number;
  epoch: number;
  steps: Step[];
  type: "round";
}

/** Back-propagation against finite differences at the weights shown: words, and whether they agree. */
export interface GradientCheck {
  passed: boolean;
  words: string[];
  type: "gradient_check";
}

/** What is known of one node or edge: names of the mathematics -> numbers. */
export interface Numbers {
  what: "node" | "edge";
  layer: number;
  from_node: number;
  to_node: number;
  values: Record<string, number | null>;
  type: "numbers";
}

/** A download; array "bytes" uint8. */
export interface File {
  name: string;
  mime: string;
  type: "file";
}

/** A message that was not followed; `setting` names the setting that is wrong, or is "". All stays as it was. */
export interface Refused {
  setting: string;
  text: string;
  type: "refused";
}

/** A note on what was read, or a warning of the training. */
export interface Said {
  text: string;
  type: "said";
}

export type ToPython = Hello | Set | Run | Travel | Edit | Ask | Taken | Still;

export type FromPython = Welcome | Experiment | Picture | Round | GradientCheck | Numbers | File | Refused | Said;
