import { memo } from "./memo";
import type { Picked } from "../draw/hit";
import type { Box, ColumnPlace, Layout, NodePlace } from "../draw/layout";
import type { Lit } from "../draw/lit";
import { ownName } from "../draw/naming";
import { short } from "../draw/numbers";
import { countWords, fitted } from "../draw/words";
import { weightRows } from "../draw/theta";
import type { Experiment } from "../protocol/messages";

interface Structure {
  layout: Layout;
  experiment: Experiment;
  cursor: Picked;
  lit?: Lit;
  onFocus: (picked: Picked) => void;
}

/** What of a network's drawing does not change with its numbers. */
export function NetworkStructure({ layout, experiment, cursor, lit, onFocus }: Structure) {
  const pale = (layers: number[] | undefined, layer: number) => (layers && !layers.includes(layer) ? " net-pale" : "");
  return (
    <>
      {layout.weights.map(({ layer, block }) => (
        <g key={`w${layer}`} class={`net-edges${pale(lit?.edges, layer)}`}>
          {block === null ? <Edges layout={layout} layer={layer} /> : <WeightsBlock layout={layout} block={block} />}
        </g>
      ))}
      {layout.columns.map((column) => (
        <g key={`n${column.layer}`} class={`net-column${pale(lit?.nodes, column.layer)}`}>
          <Heading layout={layout} experiment={experiment} column={column} />
          {column.block && (
            <Block column={column} layout={layout} experiment={experiment} cursor={cursor} onFocus={onFocus} />
          )}
          {column.nodes.map((node) =>
            node.bias ? (
              <BiasNode key="bias" node={node} layout={layout} constant={experiment.bias[node.layer]} />
            ) : (
              <Node
                key={node.index}
                node={node}
                layout={layout}
                experiment={experiment}
                cursor={cursor}
                onFocus={onFocus}
              />
            ),
          )}
        </g>
      ))}
    </>
  );
}

const Edges = memo(function Edges({ layout, layer }: { layout: Layout; layer: number }) {
  const half = layout.node.width / 2;
  return (
    <>
      {layout.columns[layer].nodes.flatMap((a) =>
        layout.columns[layer + 1].nodes
          .filter((b) => !b.bias)
          .map((b) => (
            <line
              key={`${a.index},${b.index}`}
              class="net-edge"
              x1={a.x + (a.bias ? layout.bias / 2 : half)}
              y1={a.y}
              x2={b.x - half}
              y2={b.y}
            />
          )),
      )}
    </>
  );
});

/** The place of W's picture, and below it mean |w|, where the weights are too many for one. */
function WeightsBlock({ layout, block }: { layout: Layout; block: Box }) {
  const middle = block.x + block.width / 2;
  const bottom = block.y + block.height;
  return (
    <>
      <rect class="net-weights" x={block.x} y={block.y} width={block.width} height={block.height} />
      {[1.4, 2.6].map((line) => (
        <text
          key={line}
          class="net-mean"
          x={middle}
          y={bottom + line * layout.font}
          font-size={layout.font}
          text-anchor="middle"
        />
      ))}
    </>
  );
}

function Heading({ layout, experiment, column }: { layout: Layout; experiment: Experiment; column: ColumnPlace }) {
  const { layer, x } = column;
  const depth = experiment.sizes.length - 1;
  const [font, room] = [layout.font, layout.spacing - 4];
  const activation = layer === 0 ? "" : experiment.activations[layer - 1];
  const long = layer === 0 ? "inputs" : layer === depth ? "output" : `layer ${layer}`;
  const head = fitted(long, room, font) === long ? long : String(layer);
  return (
    <g class="net-heading" font-size={font} text-anchor="middle">
      <title>{`${long}, ${experiment.sizes[layer]} nodes${activation ? `, ${activation}` : ""}`}</title>
      <text x={x} y={1.1 * font}>
        {head}
      </text>
      <text x={x} y={2.3 * font} class={layer === 0 ? "net-quantity" : undefined}>
        {layer === 0 ? null : fitted(activation, room, font)}
      </text>
    </g>
  );
}

interface NodeProps {
  layout: Layout;
  experiment: Experiment;
  cursor: Picked;
  onFocus: (picked: Picked) => void;
}

function Node({ node, layout, experiment, cursor, onFocus }: NodeProps & { node: NodePlace }) {
  const { layer, index, x, y } = node;
  const { width, height, round, written } = layout.node;
  const { font, names } = layout;
  const here = cursor.layer === layer && cursor.to === index;
  const name = ownName(experiment, layer, index);
  const left = layer === 0;
  const nameX = left ? x - width / 2 - 5 : x + width / 2 + 5;
  return (
    <>
      <g
        class="net-node"
        role="button"
        tabindex={here ? 0 : -1}
        data-layer={layer}
        data-index={index}
        onFocus={() => onFocus({ what: "node", layer, from: 0, to: index })}
      >
        <rect class="net-shape" x={x - width / 2} y={y - height / 2} width={width} height={height} rx={round} />
        {written && (
          <text aria-hidden="true" class="net-value" x={x} y={y + 0.36 * font} font-size={font} text-anchor="middle" />
        )}
        <text
          aria-hidden="true"
          class="net-mark"
          x={x + width / 2 + 1}
          y={y - height / 2 + 0.35 * font}
          font-size={1.25 * font}
        />
      </g>
      {name && (
        <text
          aria-hidden="true"
          class="net-name"
          x={nameX}
          y={y + 0.36 * font}
          font-size={font}
          text-anchor={left ? "end" : "start"}
        >
          <title>{name}</title>
          {fitted(name, names[left ? 0 : 1] - 5, font)}
        </text>
      )}
    </>
  );
}

function BiasNode({ node, layout, constant }: { node: NodePlace; layout: Layout; constant: number }) {
  const { font } = layout;
  const half = layout.bias / 2;
  const text = short(constant, 2);
  return (
    <g class="net-bias">
      <title>{`bias node: the constant ${short(constant)}`}</title>
      <rect x={node.x - half} y={node.y - half} width={2 * half} height={2 * half} />
      <text x={node.x} y={node.y + 0.36 * font} font-size={font} text-anchor="middle">
        {text.length > 3 ? "c" : text}
      </text>
    </g>
  );
}

function Block({ column, layout, experiment, cursor, onFocus }: NodeProps & { column: ColumnPlace }) {
  const { layer } = column;
  const block = column.block!;
  const { font } = layout;
  const count = experiment.sizes[layer];
  const here = cursor.layer === layer;
  const at = here ? cursor.to : 0;
  return (
    <g
      class="net-block"
      role="button"
      tabindex={here ? 0 : -1}
      data-layer={layer}
      aria-label={`layer ${layer}, ${count} nodes; node ${at}`}
      onFocus={() => onFocus({ what: "node", layer, from: 0, to: at })}
    >
      <rect x={block.x} y={block.y} width={block.width} height={block.height} />
      <text
        aria-hidden="true"
        x={column.x}
        y={block.y + block.height + 1.4 * font}
        font-size={font}
        text-anchor="middle"
      >
        {countWords(count, layout)}
      </text>
    </g>
  );
}

/** A frame around the node, or a line over the edge that is picked. */
export function PickedMark({
  layout,
  experiment,
  picked,
}: {
  layout: Layout;
  experiment: Experiment;
  picked: Picked | null;
}) {
  if (picked === null) return null;
  const { layer, from, to, what } = picked;
  const column = layout.columns[layer];
  if (column === undefined) return null;
  if (what === "node") {
    const { width, height } = layout.node;
    if (column.block) {
      const cell = column.block.width / column.block.columns;
      const [x, y] = [
        column.block.x + (to % column.block.columns) * cell,
        column.block.y + Math.floor(to / column.block.columns) * cell,
      ];
      return <rect class="net-picked" x={x - 1} y={y - 1} width={cell + 1} height={cell + 1} />;
    }
    const node = column.nodes[to];
    return node ? (
      <rect
        class="net-picked"
        x={node.x - width / 2 - 2}
        y={node.y - height / 2 - 2}
        width={width + 4}
        height={height + 4}
        rx={4}
      />
    ) : null;
  }
  const weights = layout.weights[layer];
  if (weights === undefined) return null;
  if (weights.block) {
    const { x, y, width, height } = weights.block;
    const [dx, dy] = [width / experiment.sizes[layer + 1], height / weightRows(experiment, layer)];
    return (
      <rect
        class="net-picked"
        x={x + to * dx - 1}
        y={y + from * dy - 1}
        width={Math.max(3, dx + 2)}
        height={Math.max(3, dy + 2)}
      />
    );
  }
  const [a, b] = [column.nodes[from], layout.columns[layer + 1].nodes[to]];
  const half = layout.node.width / 2;
  return a && b ? (
    <line class="net-picked" x1={a.x + (a.bias ? layout.bias / 2 : half)} y1={a.y} x2={b.x - half} y2={b.y} />
  ) : null;
}
