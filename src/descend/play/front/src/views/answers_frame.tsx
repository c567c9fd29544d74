import type { Frame } from "../draw/axes";
import { fitted } from "../draw/words";

interface AnswersFrameProps {
  frame: Frame;
  width: number;
  height: number;
  font: number;
  names: [string, string];
}

/** Axes, ticks and names around a drawing on canvas. */
export function AnswersFrame({ frame, width, height, font, names }: AnswersFrameProps) {
  const { inside, xTicks, yTicks } = frame;
  const [right, bottom] = [inside.x + inside.width, inside.y + inside.height];
  const middle = inside.y + inside.height / 2;
  return (
    <svg class="answers-axes" width={width} height={height} font-size={font} aria-hidden="true">
      <rect x={inside.x} y={inside.y} width={inside.width} height={inside.height} class="answers-frame" />
      {xTicks.map(({ at, text }) => (
        <g key={text}>
          <line x1={at} x2={at} y1={bottom} y2={bottom + 4} />
          <text x={at} y={bottom + 4 + font} text-anchor="middle">
            {text}
          </text>
        </g>
      ))}
      {yTicks.map(({ at, text }) => (
        <g key={text}>
          <line x1={inside.x - 4} x2={inside.x} y1={at} y2={at} />
          <text x={inside.x - 6} y={at + 0.36 * font} text-anchor="end">
            {text}
          </text>
        </g>
      ))}
      <text class="answers-axis-name" x={(inside.x + right) / 2} y={bottom + 4 + 2.3 * font} text-anchor="middle">
        {fitted(names[0], inside.width, font)}
      </text>
      <text
        class="answers-axis-name"
        transform={`translate(${frame.nameX},${middle}) rotate(-90)`}
        text-anchor="middle"
      >
        {fitted(names[1], inside.height, font)}
      </text>
    </svg>
  );
}
