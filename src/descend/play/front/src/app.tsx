import { AnswersView, NetworkView, NumbersView, RestartsView } from "./views";
import { useStore } from "./store";

export function App() {
  const { host } = useStore();
  return (
    <div class="descend" data-theme="light" data-host={host.kind}>
      <div class="columns">
        <aside class="column scrolls" />
        <main class="column">
          <section class="card grows">
            <div class="card-body">
              <NetworkView />
            </div>
          </section>
          <section class="card numbers">
            <div class="card-body">
              <NumbersView />
            </div>
          </section>
        </main>
        <div class="column">
          <section class="card grows">
            <div class="card-body">
              <AnswersView />
            </div>
          </section>
          <section class="card grows">
            <div class="card-body">
              <RestartsView />
            </div>
          </section>
        </div>
      </div>
    </div>
  );
}
