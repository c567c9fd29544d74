import { useRef } from "preact/hooks";

export interface Tab<Id extends string> {
  id: Id;
  label: string;
}

interface TabsProps<Id extends string> {
  label: string;
  /** What the ids of tabs and of their panel begin with. */
  base: string;
  tabs: Tab<Id>[];
  chosen: Id;
  choose(id: Id): void;
}

const MOVES: Record<string, (at: number, last: number) => number> = {
  ArrowRight: (at, last) => (at === last ? 0 : at + 1),
  ArrowLeft: (at, last) => (at === 0 ? last : at - 1),
  Home: () => 0,
  End: (_, last) => last,
};

/** One stop of the tab key; arrows go from tab to tab. */
export function Tabs<Id extends string>({ label, base, tabs, chosen, choose }: TabsProps<Id>) {
  const list = useRef<HTMLDivElement>(null);
  const press = (event: KeyboardEvent) => {
    const move = MOVES[event.key];
    if (move === undefined) return;
    event.preventDefault();
    const next = move(
      tabs.findIndex((tab) => tab.id === chosen),
      tabs.length - 1,
    );
    choose(tabs[next].id);
    (list.current?.children[next] as HTMLElement).focus();
  };
  return (
    <div class="tabs" role="tablist" aria-label={label} ref={list} onKeyDown={press}>
      {tabs.map((tab) => (
        <button
          type="button"
          role="tab"
          key={tab.id}
          id={`${base}-${tab.id}`}
          aria-selected={tab.id === chosen}
          aria-controls={`${base}-panel`}
          tabIndex={tab.id === chosen ? 0 : -1}
          onClick={() => choose(tab.id)}
        >
          {tab.label}
        </button>
      ))}
    </div>
  );
}

/** What `Tabs` with the same `base` show. */
export function panelOf(base: string, chosen: string) {
  return { role: "tabpanel" as const, id: `${base}-panel`, "aria-labelledby": `${base}-${chosen}` };
}
