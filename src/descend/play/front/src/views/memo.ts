import { Component, h, type ComponentChild, type FunctionComponent } from "preact";

/** A component that is drawn anew only when one of its properties is another. */
export function memo<P extends object>(Inner: FunctionComponent<P>): new (props: P) => Component<P> {
  return class extends Component<P> {
    override shouldComponentUpdate(next: P): boolean {
      return (Object.keys(next) as (keyof P)[]).some((key) => next[key] !== this.props[key]);
    }
    override render(): ComponentChild {
      return h(Inner, this.props);
    }
  };
}
