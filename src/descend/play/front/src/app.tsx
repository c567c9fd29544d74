import { useStore } from "./store";

export function App() {
  const { experiment } = useStore();
  return <main>{experiment.value?.message.title}</main>;
}
