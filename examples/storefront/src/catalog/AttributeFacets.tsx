/** Filters by attributes: choices with swatches, truth values, and ranges of numbers. */
import { useState } from "react";
import type { FacetsFragment } from "../graphql/graphql";

type Facet = FacetsFragment["attributes"][number];

interface Props {
  facets: Facet[];
  /** Chosen values, such as `material:copper`: see `ListState`. */
  chosen: string[];
  change: (chosen: string[]) => void;
}

export function AttributeFacets({ facets, chosen, change }: Props) {
  const toggle = (value: string) =>
    change(chosen.includes(value) ? chosen.filter((other) => other !== value) : [...chosen, value]);
  return facets.map((facet) => {
    const { code, name, unit } = facet.attribute;
    const yes = `${code}:true`;
    if (facet.number) {
      const prefix = `${code}:`;
      const others = chosen.filter((value) => !value.startsWith(prefix));
      const own = chosen.find((value) => value.startsWith(prefix))?.slice(prefix.length) ?? "~";
      return (
        <NumberRange
          key={own + code}
          label={unit ? `${name} (${unit})` : name}
          min={facet.number.min}
          max={facet.number.max}
          range={own}
          change={(range) => change(range === "~" ? others : [...others, prefix + range])}
        />
      );
    }
    if (facet.boolean) {
      if (facet.boolean.trueCount === 0 && !chosen.includes(yes)) return null;
      return (
        <fieldset key={code}>
          <legend className="visually-hidden">{name}</legend>
          <label className="choice">
            <input type="checkbox" checked={chosen.includes(yes)} onChange={() => toggle(yes)} />
            {name} <span className="hint">{facet.boolean.trueCount}</span>
          </label>
        </fieldset>
      );
    }
    if (facet.choices.length === 0) return null;
    return (
      <fieldset key={code}>
        <legend>{name}</legend>
        {facet.choices.map(({ choice, count }) => {
          const value = `${code}:${choice.code}`;
          return (
            <label key={choice.id} className="choice">
              <input type="checkbox" checked={chosen.includes(value)} onChange={() => toggle(value)} />
              {choice.swatch && <span className="swatch" style={{ background: choice.swatch }} />}
              {choice.name} <span className="hint">{count}</span>
            </label>
          );
        })}
      </fieldset>
    );
  });
}

interface RangeProps {
  label: string;
  min: string;
  max: string;
  /** Both ends, separated by `~`. */
  range: string;
  change: (range: string) => void;
}

function NumberRange({ label, min, max, range, change }: RangeProps) {
  const [from = "", to = ""] = range.split("~");
  const [low, setLow] = useState(from);
  const [high, setHigh] = useState(to);
  const apply = () => {
    if (low !== from || high !== to) change(`${low}~${high}`);
  };
  const input = (name: string, value: string, placeholder: string, set: (value: string) => void) => (
    <input
      type="number"
      step="any"
      aria-label={`${label}: ${name}`}
      value={value}
      placeholder={placeholder}
      onChange={({ target }) => set(target.value)}
      onBlur={apply}
      onKeyDown={({ key }) => key === "Enter" && apply()}
    />
  );
  return (
    <fieldset className="number-range">
      <legend>{label}</legend>
      {input("minimum", low, min, setLow)} – {input("maximum", high, max, setHigh)}
    </fieldset>
  );
}
