import { Dialog } from "../frame/dialog";
import { usePage } from "../frame/page";
import type { Settings } from "../protocol/messages";
import { useStore } from "../store";
import { QUESTIONS, type Question } from "./questions";

function ShowMe({ question }: { question: Question }) {
  const store = useStore();
  const page = usePage();
  const show = () => {
    page.dialog.value = "";
    page.view.value = question.view;
    store.set({ ...store.welcome.value?.defaults, ...question.settings } as Partial<Settings>);
    if (question.plays) store.run("play");
    page.look.value = question.look;
  };
  return (
    <button type="button" class="first" onClick={show}>
      Show me
    </button>
  );
}

function Answered({ question }: { question: Question }) {
  return (
    <details>
      <summary>{question.asked}</summary>
      {question.answer.map((paragraph) => (
        <p key={paragraph}>{paragraph}</p>
      ))}
      <ShowMe question={question} />
    </details>
  );
}

/** For those who see the page for the first time. */
export function AboutDialog() {
  const page = usePage();
  const lessons = () => {
    page.dialog.value = "";
    page.lesson.value = "list";
  };
  const [left, middle, right] = page.columns.value
    ? ["Left", "Middle", "Right"]
    : ["Settings", "Network", "Answers, Restarts"];
  return (
    <Dialog title="What is this?">
      <p>
        A small neural network learns in front of you, by the algorithm of the textbooks: a random sample, a forward
        pass, back-propagation, one small step of all weights. Every number of it can be looked at, in full precision.
      </p>
      <ul>
        <li>
          <b>{left}</b>: what is learnt, by which network, and how. A change begins a new run. <b>?</b> in a panel
          explains its controls.
        </li>
        <li>
          <b>{middle}</b>: the network. Blue is above 0, orange below, width is size. Point at a node or an edge for its
          numbers; “One round” goes through one step of learning, line by line.
        </li>
        <li>
          <b>{right}</b>: what the network answers, and the loss of every restart. One run may end in a bad valley; so
          several start from different weights, and the best is kept. Click on a curve to look at that one.
        </li>
      </ul>
      <p>
        Press <b>Play</b>, or begin with the{" "}
        <button type="button" class="inline" onClick={lessons}>
          lessons
        </button>
        . Nothing you do here leaves your machine.
      </p>
      <h3>Questions people come with</h3>
      {QUESTIONS.map((question) => (
        <Answered key={question.asked} question={question} />
      ))}
    </Dialog>
  );
}
