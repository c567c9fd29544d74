/** A control's name, its symbol of the mathematics, and what it does in a sentence. */
export interface Words {
  label: string;
  symbol?: string;
  help: string;
}

export const WORDS = {
  data: { label: "Data", help: "What is learnt. Made data lie in the plane or on a line, so that all can be drawn." },
  noise: { label: "Noise", help: "How far made rows are scattered, in units of their size." },
  samples: { label: "Samples", help: "Made rows. Most of them train, some choose the best restart, some judge it." },
  target: { label: "Target", symbol: "y", help: "The column that is learnt from the others." },
  hidden: { label: "Layers", symbol: "n_ℓ", help: "Hidden layers and how many nodes each has." },
  activation: { label: "Activation", symbol: "σ", help: "What each node of the layer makes of its sum s." },
  straight_through: {
    label: "Surrogate of the step",
    help: "The step's derivative is 0, so nothing below it learns. With the surrogate, going backward, it is taken as 1 near 0.",
  },
  bias: { label: "Bias constant", symbol: "c", help: "The value of each layer's bias node; 0: no bias node." },
  init: { label: "Start", symbol: "W_ℓ", help: "How the weights are drawn before the first round." },
  seed: { label: "Seed", help: "The same seed gives the same rows, weights and order, to the last bit." },
  member: { label: "Member", help: "The network of the blend that is looked at, heaviest first." },
  loss: { label: "Loss", symbol: "L", help: "What is made small: how wrong an answer is." },
  learning_rate: {
    label: "Step size",
    symbol: "η",
    help: "How far each round moves the weights, against the gradient.",
  },
  schedule: { label: "Schedule", symbol: "η_t", help: "How the step size changes over the run." },
  batch_size: { label: "Batch size", help: "Over how many samples a round's gradient is the mean." },
  optimizer: { label: "Optimiser", help: "How a gradient changes the weights." },
  l2: { label: "L2", symbol: "λ", help: "Draws all weights but the bias nodes' toward 0." },
  dropout: { label: "Dropout", help: "Share of the hidden nodes that each sample leaves out while training." },
  epochs: { label: "Epochs", help: "How often the run goes through all training rows." },
  restarts: {
    label: "Restarts",
    symbol: "K",
    help: "Descents from different starting weights; the best one is kept.",
  },
  race: { label: "Race", help: "At 1/16, 1/8, 1/4 and 1/2 of the epochs the worse half of the restarts is killed." },
  speed: { label: "Speed", help: "Epochs a second." },
} satisfies Record<string, Words>;

export type Worded = keyof typeof WORDS;

export function isWorded(setting: string): setting is Worded {
  return setting in WORDS;
}
