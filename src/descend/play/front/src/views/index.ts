export { AnswersView } from "./answers";
export { NetworkView } from "./network";
export { NumbersView } from "./numbers";
export { RestartsView } from "./restarts";
export { RoundView } from "./round";
export { pictureSVG } from "./picture";
