/** What the page alone decides; it stands in the address after the settings, which Python writes and reads. */
export interface Own {
  view: string;
  theme: string;
  talk: string;
  lesson: string;
}

const NAMES: (keyof Own)[] = ["view", "theme", "talk", "lesson"];

function nameOf(part: string): string {
  return part.split("=", 1)[0];
}

/** The page's own parts of an address; "" for those that are not there. */
export function ownParts(address: string): Own {
  const own: Own = { view: "", theme: "", talk: "", lesson: "" };
  for (const part of address.split("&")) {
    const name = nameOf(part) as keyof Own;
    if (NAMES.includes(name)) own[name] = part.slice(name.length + 1);
  }
  return own;
}

/** Python's address with the page's own parts as they are now. */
export function withOwnParts(address: string, own: Own): string {
  const settings = address.split("&").filter((part) => part !== "" && !NAMES.includes(nameOf(part) as keyof Own));
  const parts = NAMES.filter((name) => own[name] !== "").map((name) => `${name}=${own[name]}`);
  return [...settings, ...parts].join("&");
}

/** The command that opens the same experiment, for a shell; the user's own table or model has to be named to it. */
export function commandOf(address: string): string {
  const own = address.split("&").includes("data=own");
  const experiment = address === "" ? "" : ` '#${address.replaceAll("'", "'\\''")}'`;
  return `descend play${own ? " YOUR_FILE" : ""}${experiment}`;
}
