import { useEffect, useRef } from "preact/hooks";
import { Icon } from "../frame/icons";
import { usePage, viewOf, type Page } from "../frame/page";
import type { Lesson } from "../protocol/messages";
import { useStore, type Store } from "../store";
import { Formula } from "../views/formula";

/** Begins a lesson: its settings, all others as they are by default, and the view it speaks of. */
export function beginLesson(store: Store, page: Page, lesson: Lesson): void {
  const defaults = store.welcome.value?.defaults ?? {};
  page.lesson.value = lesson.name;
  page.look.value = "";
  page.view.value = viewOf(lesson.view);
  if (store.picture.value?.message.running) store.run("pause");
  store.set({ ...defaults, ...lesson.settings });
}

function List({ lessons }: { lessons: Lesson[] }) {
  const store = useStore();
  const page = usePage();
  return (
    <ol class="lesson-list">
      {lessons.map((lesson) => (
        <li key={lesson.name}>
          <button type="button" class="quiet" onClick={() => beginLesson(store, page, lesson)}>
            {lesson.title}
          </button>
        </li>
      ))}
    </ol>
  );
}

function Steps({ lessons, at }: { lessons: Lesson[]; at: number }) {
  const store = useStore();
  const page = usePage();
  const go = (to: number) => beginLesson(store, page, lessons[to]);
  return (
    <div class="lesson-steps" role="group" aria-label="Lessons">
      <button type="button" disabled={at === 0} onClick={() => go(at - 1)}>
        Back
      </button>
      <button type="button" onClick={() => (page.lesson.value = "list")}>
        All
      </button>
      <button type="button" disabled={at === lessons.length - 1} onClick={() => go(at + 1)}>
        Next lesson
      </button>
    </div>
  );
}

function Text({ lesson }: { lesson: Lesson }) {
  const store = useStore();
  const page = usePage();
  return (
    <>
      {lesson.text.map((paragraph) => (
        <p key={paragraph}>
          <Formula text={paragraph} />
        </p>
      ))}
      <h3>Do this</h3>
      <ol>
        {lesson.todo.map((step) => (
          <li key={step}>
            <Formula text={step} />
          </li>
        ))}
      </ol>
      <details>
        <summary>What should be seen</summary>
        <p>
          <Formula text={lesson.seen} />
        </p>
      </details>
      <button type="button" onClick={() => beginLesson(store, page, lesson)}>
        Set it up again
      </button>
    </>
  );
}

/** The lessons, one after the other, beside what they speak of. */
export function LessonPanel() {
  const { welcome } = useStore();
  const { lesson: open } = usePage();
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), [open.value]);
  const lessons = welcome.value?.lessons ?? [];
  if (open.value === "" || lessons.length === 0) return null;
  const at = lessons.findIndex((lesson) => lesson.name === open.value);
  return (
    <section class="card lesson" aria-label="Lessons">
      <div class="card-head">
        <h2 tabIndex={-1} ref={heading}>
          {at === -1 ? "Lessons" : `${at + 1}. ${lessons[at].title}`}
        </h2>
        <button
          type="button"
          class="only-icon quiet last"
          aria-label="Close the lessons"
          onClick={() => (open.value = "")}
        >
          <Icon name="close" />
        </button>
      </div>
      <div class="lesson-body" key={open.value}>
        {at === -1 ? <List lessons={lessons} /> : <Text lesson={lessons[at]} />}
      </div>
      {at !== -1 && <Steps lessons={lessons} at={at} />}
    </section>
  );
}
