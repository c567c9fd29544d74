const PATHS = {
  play: "M5 3.2v9.6c0 .6.7 1 1.2.7l7-4.8a.8.8 0 0 0 0-1.4l-7-4.8C5.7 2.2 5 2.6 5 3.2z",
  pause: "M4 3h3v10H4zM9 3h3v10H9z",
  rewind: "M3 3h2v10H3zM13 3.5v9L6 8z",
  now: "M11 3h2v10h-2zM3 3.5v9L10 8z",
  dice: "M3.5 2h9A1.5 1.5 0 0 1 14 3.5v9a1.5 1.5 0 0 1-1.5 1.5h-9A1.5 1.5 0 0 1 2 12.5v-9A1.5 1.5 0 0 1 3.5 2zM5 4a1 1 0 1 0 0 2 1 1 0 0 0 0-2zm6 0a1 1 0 1 0 0 2 1 1 0 0 0 0-2zM8 7a1 1 0 1 0 0 2 1 1 0 0 0 0-2zm-3 3a1 1 0 1 0 0 2 1 1 0 0 0 0-2zm6 0a1 1 0 1 0 0 2 1 1 0 0 0 0-2z",
  light:
    "M8 5a3 3 0 1 0 0 6 3 3 0 0 0 0-6zM7.3 1h1.4v2.3H7.3zM7.3 12.7h1.4V15H7.3zM1 7.3h2.3v1.4H1zM12.7 7.3H15v1.4h-2.3zM2.6 3.6l1-1 1.6 1.6-1 1zM10.8 11.8l1-1 1.6 1.6-1 1zM3.6 13.4l-1-1 1.6-1.6 1 1zM11.8 5.2l-1-1 1.6-1.6 1 1z",
  dark: "M6.5 1.5a6.6 6.6 0 1 0 8 8.2A5.6 5.6 0 0 1 6.5 1.5z",
  auto: "M8 1.5a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13zm0 1.5v10a5 5 0 0 1 0-10z",
  talk: "M1.5 2h13v1.5H14V11H8.7v1l2.6 2.5-1 1L8 13.2l-2.3 2.3-1-1L7.3 12v-1H2V3.5h-.5zM3.5 3.5v6h9v-6z",
  share: "M7.3 1.7h1.4v6.2l2-2 1 1L8 10.6 4.3 6.9l1-1 2 2zM2 10h1.5v3h9v-3H14v4.5H2z",
  close: "M3.5 2.5 8 7l4.5-4.5 1 1L9 8l4.5 4.5-1 1L8 9l-4.5 4.5-1-1L7 8 2.5 3.5z",
};

/** A small picture beside words or under a name that is spoken. */
export function Icon({ name }: { name: keyof typeof PATHS }) {
  return (
    <svg class="icon" viewBox="0 0 16 16" aria-hidden="true" focusable="false">
      <path d={PATHS[name]} fill="currentColor" fill-rule="evenodd" />
    </svg>
  );
}
