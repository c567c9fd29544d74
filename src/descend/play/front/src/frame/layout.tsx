import { AnswersBar, AnswersView, NetworkView, NumbersView, RestartsBar, RestartsView, RoundView } from "../views";
import { DataPanel, FactsPanel } from "../panels/data";
import { LessonPanel } from "../panels/lessons";
import { NetworkPanel } from "../panels/network";
import { GradientPanel, TrainingPanel } from "../panels/training";
import { useElementId, usePage, type View } from "./page";
import { PageButtons } from "./page-buttons";
import { panelOf, Tabs, type Tab } from "./tabs";

const MIDDLE: Tab<"network" | "round">[] = [
  { id: "network", label: "Network" },
  { id: "round", label: "One round" },
];

const ALL: Tab<View>[] = [
  { id: "settings", label: "Settings" },
  ...MIDDLE,
  { id: "answers", label: "Answers" },
  { id: "restarts", label: "Restarts" },
];

function Settings() {
  return (
    <div class="settings">
      <DataPanel />
      <NetworkPanel />
      <TrainingPanel />
      <GradientPanel />
      <FactsPanel />
    </div>
  );
}

function Middle({ view }: { view: "network" | "round" }) {
  return view === "round" ? <RoundView /> : <NetworkView />;
}

function Numbers() {
  return (
    <section class="card numbers" aria-label="Numbers of the node or edge pointed at">
      <div class="card-body">
        <NumbersView />
      </div>
    </section>
  );
}

interface CardProps {
  view: View;
  title: string;
  /** What stands beside the heading. */
  bar: preact.ComponentChildren;
  children: preact.ComponentChildren;
}

/** A view under its heading; the one that a lesson speaks of is marked. */
function Card({ view, title, bar, children }: CardProps) {
  const page = usePage();
  const meant = page.lesson.value !== "" && page.view.value === view;
  return (
    <section class={`card grows ${view}-card${meant ? " meant" : ""}`} aria-label={title}>
      <div class="card-head">
        <h2>{title}</h2>
        {bar}
      </div>
      <div class="card-body">{children}</div>
    </section>
  );
}

function Columns() {
  const page = usePage();
  const middle = page.view.value === "round" ? "round" : "network";
  const base = useElementId();
  return (
    <div class="columns">
      <aside class="column" aria-label="Settings">
        <LessonPanel />
        <Settings />
      </aside>
      <main class="column">
        <section class="card grows">
          <div class="card-head">
            <Tabs
              label="Network"
              base={base}
              tabs={MIDDLE}
              chosen={middle}
              choose={(view) => (page.view.value = view)}
            />
          </div>
          <div class="card-body" {...panelOf(base, middle)}>
            <Middle view={middle} />
          </div>
        </section>
        {middle === "network" && <Numbers />}
      </main>
      <div class="column" role="region" aria-label="Results">
        <Card view="answers" title="Answers" bar={<AnswersBar />}>
          <AnswersView rowAbove />
        </Card>
        <Card view="restarts" title="Restarts" bar={<RestartsBar />}>
          <RestartsView barAbove />
        </Card>
      </div>
    </div>
  );
}

function OneView({ view }: { view: View }) {
  switch (view) {
    case "settings":
      return <Settings />;
    case "answers":
      return <AnswersView />;
    case "restarts":
      return <RestartsView />;
    default:
      return <Middle view={view} />;
  }
}

function OneAtATime() {
  const page = usePage();
  const view = page.view.value;
  const base = useElementId();
  return (
    <main class="single">
      <div class="single-head">
        <Tabs label="Views" base={base} tabs={ALL} chosen={view} choose={(chosen) => (page.view.value = chosen)} />
        <PageButtons />
      </div>
      <div class="single-body">
        <LessonPanel />
        <div class="column">
          <div class="single-view card grows" data-view={view}>
            <div class="card-body" {...panelOf(base, view)}>
              <h2 class="unseen">{ALL.find((tab) => tab.id === view)?.label}</h2>
              <OneView view={view} />
            </div>
          </div>
          {view === "network" && <Numbers />}
        </div>
      </div>
    </main>
  );
}

export function Layout({ columns }: { columns: boolean }) {
  return columns ? <Columns /> : <OneAtATime />;
}
