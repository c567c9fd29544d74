import { Icon } from "./icons";
import { usePage, type Theme } from "./page";

const NEXT_THEME: Record<Theme, Theme> = { auto: "dark", dark: "light", light: "auto" };
const THEME_WORDS: Record<Theme, string> = { auto: "as around it", dark: "dark", light: "light" };

function ThemeButton() {
  const { theme } = usePage();
  const words = `Colours: ${THEME_WORDS[theme.value]}. Change`;
  return (
    <button
      type="button"
      class="only-icon quiet"
      aria-label={words}
      title={words}
      onClick={() => (theme.value = NEXT_THEME[theme.value])}
    >
      <Icon name={theme.value} />
    </button>
  );
}

export function PageButtons() {
  const page = usePage();
  const { talk, lesson, dialog } = page;
  return (
    <div class="page-buttons" role="group" aria-label="Page">
      <button
        type="button"
        aria-pressed={lesson.value !== ""}
        onClick={() => (lesson.value = lesson.value === "" ? "list" : "")}
      >
        Lessons
      </button>
      <button type="button" onClick={() => (dialog.value = "about")}>
        What is this?
      </button>
      <button
        type="button"
        class="only-icon quiet"
        aria-label="Link and downloads"
        title="Link and downloads"
        onClick={() => (dialog.value = "share")}
      >
        <Icon name="share" />
      </button>
      <button
        type="button"
        class="only-icon quiet"
        aria-pressed={talk.value}
        aria-label="Presentation mode"
        title="Presentation mode: large type"
        onClick={() => (talk.value = !talk.value)}
      >
        <Icon name="talk" />
      </button>
      <ThemeButton />
    </div>
  );
}
