export { AnswersBar, AnswersView } from "./answers";
export { NetworkView } from "./network";
export { NumbersView } from "./numbers";
export { RestartsBar, RestartsView } from "./restarts";
export { RoundView } from "./round";
export { pictureSVG } from "./picture";
