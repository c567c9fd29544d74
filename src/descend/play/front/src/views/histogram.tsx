import { useRef } from "preact/hooks";
import { binned } from "../draw/curves";
import { short } from "../draw/numbers";
import { useStore } from "../store";
import { useStage } from "./stage";

/** How the best losses of all restarts are spread; the bar with the one looked at in the accent. */
export function Histogram({ log }: { log: boolean }) {
  const store = useStore();
  const place = useRef<HTMLDivElement>(null);
  const stage = useStage(place);
  const picture = store.picture.value;
  const losses = picture?.arrays.best_loss?.data ?? [];
  const bins = binned(losses, log);
  const most = Math.max(1, ...bins.map((bin) => bin.restarts.length));
  return (
    <div class="histogram">
      <h3>Best loss of each restart</h3>
      <div class="histogram-place" ref={place}>
        {stage && bins.length > 0 && (
          <svg
            width={stage.width}
            height={stage.height}
            role="img"
            aria-label={`${losses.length} restarts, best losses from ${short(bins[0].from, 3)} to ${short(bins[bins.length - 1].to, 3)}`}
          >
            {bins.map((bin, i) => {
              const font = 11 * stage.look.scale;
              const room = stage.height - 1.5 * font;
              const wide = stage.width / Math.max(4, bins.length);
              const high = bin.restarts.length === 0 ? 0 : Math.max(3, (bin.restarts.length / most) * (room - 2));
              const own = picture !== null && bin.restarts.includes(picture.message.restart);
              return (
                <g key={i}>
                  <title>{`${short(bin.from, 3)} to ${short(bin.to, 3)}: ${bin.restarts.length} restarts`}</title>
                  <rect
                    class={own ? "histogram-own" : "histogram-bar"}
                    x={i * wide}
                    y={room - high}
                    width={wide - 2}
                    height={high}
                  />
                </g>
              );
            })}
            <text class="histogram-end" x={0} y={stage.height - 3} font-size={11 * stage.look.scale}>
              {short(bins[0].from, 3)}
            </text>
            {bins.length > 1 && (
              <text
                class="histogram-end"
                x={stage.width}
                y={stage.height - 3}
                text-anchor="end"
                font-size={11 * stage.look.scale}
              >
                {short(bins[bins.length - 1].to, 3)}
              </text>
            )}
          </svg>
        )}
      </div>
    </div>
  );
}
