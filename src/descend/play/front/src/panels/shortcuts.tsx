import { Dialog } from "../frame/dialog";
import { KEYS } from "../frame/shortcuts";

const NAMES: Record<string, string> = { " ": "Space" };

export function ShortcutsDialog() {
  return (
    <Dialog title="Keys">
      <table class="keys">
        <tbody>
          {KEYS.map(({ key, words }) => (
            <tr key={key}>
              <th scope="row">
                <kbd>{NAMES[key] ?? key}</kbd>
              </th>
              <td>{words}</td>
            </tr>
          ))}
          <tr>
            <th scope="row">
              <kbd>↑</kbd> <kbd>↓</kbd>
            </th>
            <td>in a number: the next larger or smaller one; Enter sends what was typed, Escape takes it back</td>
          </tr>
          <tr>
            <th scope="row">
              <kbd>←</kbd> <kbd>→</kbd>
            </th>
            <td>from tab to tab</td>
          </tr>
        </tbody>
      </table>
    </Dialog>
  );
}
